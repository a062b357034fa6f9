using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace LocalDapr.Contract.Tests;

/// <summary>One gRPC call of a conversation in raw bytes, so that no schema is needed.</summary>
internal sealed class GrpcCaller : IAsyncDisposable
{
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false, ActivityHeadersPropagator = null };
    private readonly HttpMessageInvoker _client;
    private readonly CancellationTokenSource _limit;
    private readonly Channel<byte[]> _requests = Channel.CreateUnbounded<byte[]>();
    private readonly Task<HttpResponseMessage> _response;

    private GrpcCaller(JsonObject step, int port, Names names, double seconds)
    {
        _client = new HttpMessageInvoker(_handler);
        _limit = new CancellationTokenSource(TimeSpan.FromSeconds((double?)step["timeout"] ?? seconds));
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}{(string)step["method"]!}")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Messages(_requests.Reader),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in names.Expand(step["metadata"]).Members())
            request.Headers.TryAddWithoutValidation(name.ToLowerInvariant(), (string?)value);
        _response = _client.SendAsync(request, _limit.Token);
    }

    private sealed class Messages : HttpContent
    {
        private readonly ChannelReader<byte[]> _messages;

        public Messages(ChannelReader<byte[]> messages)
        {
            _messages = messages;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            await foreach (var message in _messages.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(GrpcFrame.Of(message), cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <returns>{code, response or message, metadata, trailers, ms?}.</returns>
    public static async Task<JsonObject> CallAsync(JsonObject step, int port, Names names)
    {
        var began = Stopwatch.GetTimestamp();
        await using var call = new GrpcCaller(step, port, names, seconds: 20);
        call.Send(Request(step, names));
        call.End();
        var received = new List<byte[]>();
        var (code, message) = await call.EndAsync(received);
        var answer = new JsonObject { ["code"] = code };
        if (code == GrpcStatus.Ok)
            answer["response"] = Bytes.OfMessage(received[0]);
        else
            answer["message"] = message;
        var (metadata, trailers) = await call.MetadataAsync();
        answer["metadata"] = Keep(step, metadata);
        answer["trailers"] = Keep(step, trailers);
        if (step["timing"].IsNumber())
            answer["ms"] = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds / (long)step["timing"]! * (long)step["timing"]!;
        return answer;
    }

    /// <summary>Opens a stream; with a request in the step, one that only the server speaks on.</summary>
    public static GrpcCaller Open(JsonObject step, int port, Names names)
    {
        var call = new GrpcCaller(step, port, names, seconds: 15);
        if (step["request"] is not null)
        {
            call.Send(Request(step, names));
            call.End();
        }
        return call;
    }

    /// <summary>Bytes of a recording, with values of this run in the place of stand-ins of the same length.</summary>
    public static byte[] Patch(string base64, JsonNode? patch, Names names)
    {
        // one character for each byte
        var text = Encoding.Latin1.GetString(Convert.FromBase64String(base64));
        foreach (var (find, put) in patch.Members())
        {
            var value = names.Expand((string)put!);
            Assert.Equal(find.Length, value.Length);
            text = text.Replace(find, value, StringComparison.Ordinal);
        }
        return Encoding.Latin1.GetBytes(text);
    }

    public void Send(byte[] message) => _requests.Writer.TryWrite(message);

    public void End() => _requests.Writer.TryComplete();

    /// <returns>The next message; null when the stream has ended or was cut off: <see cref="EndAsync"/> says which.</returns>
    public async Task<byte[]?> TryReceiveAsync()
    {
        try
        {
            return await ReceiveAsync();
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            return null;
        }
    }

    /// <summary>Reads what is left.</summary>
    /// <returns>The status, also of a call that was cut off.</returns>
    public async Task<(string Code, string Message)> EndAsync(List<byte[]> received)
    {
        try
        {
            while (await ReceiveAsync() is { } message)
                received.Add(message);
            var response = await _response;
            var ending = response.Headers.NonValidated.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
            return ending.NonValidated.TryGetValues("grpc-status", out var status)
                ? (GrpcStatus.Name(status.ToString()), ending.NonValidated.TryGetValues("grpc-message", out var said) ? Uri.UnescapeDataString(said.ToString()) : "")
                : (OfHttp(response.StatusCode), $"HTTP status {(int)response.StatusCode}");
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            return (OfFailure(failure), failure.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        End();
        await _limit.CancelAsync();
        await ((Task)_response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_response.IsCompletedSuccessfully)
            (await _response).Dispose();
        _client.Dispose();
        _handler.Dispose();
        _limit.Dispose();
    }

    private async Task<byte[]?> ReceiveAsync()
    {
        var response = await _response;
        return await GrpcFrame.ReadAsync(await response.Content.ReadAsStreamAsync(_limit.Token), _limit.Token);
    }

    private static bool IsEnd(Exception failure) => failure is HttpRequestException or IOException or OperationCanceledException;

    private static byte[] Request(JsonObject step, Names names) => Patch((string?)step["request"] ?? "", step["patch"], names);

    private async Task<(JsonObject Metadata, JsonObject Trailers)> MetadataAsync()
    {
        if (!_response.IsCompletedSuccessfully)
            return ([], []);
        var response = await _response;
        // an answer without a message has its trailers in the place of the headers
        var onlyTrailers = response.Headers.NonValidated.Contains("grpc-status");
        return (onlyTrailers ? [] : Show(response.Headers), Show(onlyTrailers ? response.Headers : response.TrailingHeaders));
    }

    private static JsonObject Show(HttpHeaders headers)
    {
        var shown = GrpcStatus.Metadata(headers.NonValidated.Select(header => (header.Key, header.Value.ToString())), bytes => Convert.ToBase64String(bytes));
        if (shown["grpc-status-details-bin"].IsText(out var details))
            shown["grpc-status-details-bin"] = Bytes.OfMessage(Convert.FromBase64String(details));
        return shown;
    }

    private static JsonObject Keep(JsonObject step, JsonObject metadata)
    {
        if (step["keep"] is JsonArray keep)
        {
            foreach (var name in metadata.Select(entry => entry.Key).Where(name => !keep.Any(kept => (string?)kept == name)).ToArray())
                metadata.Remove(name);
        }
        return metadata;
    }

    private static string OfHttp(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => "INTERNAL",
        HttpStatusCode.Unauthorized => "UNAUTHENTICATED",
        HttpStatusCode.Forbidden => "PERMISSION_DENIED",
        HttpStatusCode.NotFound => GrpcStatus.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => "UNAVAILABLE",
        _ => "UNKNOWN",
    };

    private static string OfFailure(Exception failure) => failure switch
    {
        OperationCanceledException => "DEADLINE_EXCEEDED",
        _ when Inner<HttpProtocolException>(failure) is { ErrorCode: 8 } => "CANCELLED",
        _ when Inner<HttpProtocolException>(failure) is { ErrorCode: not 7 } => "INTERNAL",
        _ => "UNAVAILABLE",
    };

    private static T? Inner<T>(Exception? failure)
        where T : Exception => failure is null or T ? failure as T : Inner<T>(failure.InnerException);
}
