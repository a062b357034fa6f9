using System.Net;
using System.Net.Http.Headers;
using Google.Rpc;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>What every answer of the gRPC API keeps to, whatever was sent.</summary>
internal static class GrpcLaws
{
    private const int AtOnce = 16;

    /// <summary>The codes that gRPC has for calls that are broken below the message (its status code table): the contract has none of its own.</summary>
    private static readonly StatusCode[] OfTheWire = [StatusCode.Internal, StatusCode.Unimplemented, StatusCode.ResourceExhausted, StatusCode.InvalidArgument];

    /// <summary>Makes the calls; returns what was wrong with the answers, in the order of the calls.</summary>
    public static async Task<IReadOnlyList<string>> BrokenAsync(FuzzedSidecar sidecar, IReadOnlyList<GrpcCase> cases)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        return await FuzzedCases.BrokenAsync(cases, AtOnce, call => ProblemAsync(client, sidecar.Sidecar.GrpcPort, call), call => $"{call}");
    }

    private static async Task<string?> ProblemAsync(HttpMessageInvoker client, int port, GrpcCase call)
    {
        var mayWait = GrpcTarget.All.Single(t => t.Path == call.Path).MayWait;
        using var bound = new CancellationTokenSource(RawConnection.Bound);
        using var request = Request(port, call, mayWait ? "150m" : "60S");
        try
        {
            using var response = await client.SendAsync(request, bound.Token);
            await response.Content.ReadAsByteArrayAsync(bound.Token);
            return Problem(call, mayWait, response);
        }
        catch (OperationCanceledException)
        {
            return $"no end within {RawConnection.Bound.TotalSeconds} s";
        }
        catch (HttpRequestException failure)
        {
            return $"{failure.Message} {failure.GetBaseException().Message}";
        }
    }

    private static HttpRequestMessage Request(int port, GrpcCase call, string timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}{call.Path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(call.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.Add("te", "trailers");
        request.Headers.Add("grpc-timeout", timeout);
        if (call.Encoding is { } encoding)
            request.Headers.Add("grpc-encoding", encoding);
        return request;
    }

    private static string? Problem(GrpcCase call, bool mayWait, HttpResponseMessage response)
    {
        string? Find(string name) => response.Headers.TryGetValues(name, out var headers) || response.TrailingHeaders.TryGetValues(name, out headers) ? string.Join(',', headers) : null;
        if (response.StatusCode != HttpStatusCode.OK || Find("grpc-status") is not { } text)
            return $"no status: {response}";
        var (status, message) = ((StatusCode)int.Parse(text, System.Globalization.CultureInfo.InvariantCulture), WebUtility.UrlDecode(Find("grpc-message") ?? ""));
        var shown = $"{status} {message}";
        if (Contract.IsAccident(message))
            return shown;
        return status switch
        {
            StatusCode.DeadlineExceeded when mayWait => null,
            StatusCode.DeadlineExceeded => shown,
            // The status of the app, to which the call went.
            _ when Find("dapr-http-status") is not null => null,
            _ when !call.IsReadable => OfTheWire.Contains(status) ? null : shown,
            StatusCode.Internal => Reason(Find(RpcException.DetailsKey)) is { } reason && Contract.Has(reason) || message.StartsWith("failed to invoke", StringComparison.Ordinal) ? null : shown,
            // The workflow service's own word for an instance that is not there, or in another state.
            StatusCode.Unknown => call.Path.Contains("TaskHub", StringComparison.Ordinal) && !message.Contains(" failed: ", StringComparison.Ordinal) ? null : shown,
            _ => null,
        };
    }

    private static string? Reason(string? details)
    {
        if (details is null)
            return null;
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        return status.Details.Where(d => d.Is(ErrorInfo.Descriptor)).Select(d => d.Unpack<ErrorInfo>().Reason).LastOrDefault();
    }
}
