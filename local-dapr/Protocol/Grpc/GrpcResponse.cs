using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace LocalDapr.Protocol.Grpc;

/// <summary>The client's view of an answer: headers first, messages, then the status in the trailers (or, alone, in the headers).</summary>
internal sealed class GrpcResponse : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly CallOptions options;
    private readonly PipeReader pipe;
    private readonly FrameReader reader;

    private GrpcResponse(HttpResponseMessage response, CallOptions options, PipeReader pipe, int? maxSize)
    {
        (this.response, this.options, this.pipe) = (response, options, pipe);
        reader = new(pipe, maxSize, First(response.Headers, "grpc-encoding"));
    }

    /// <exception cref="RpcException">The answer is an error without a body, or no gRPC at all.</exception>
    public static async Task<GrpcResponse> OpenAsync(HttpResponseMessage response, CallOptions options, int? maxSize, CancellationToken cancellationToken)
    {
        if (options.ResponseHeaders is { } headers)
            Copy(response.Headers, headers);
        if (First(response.Headers, "grpc-status") is { } status)
            ThrowUnlessOk(status, response.Headers, options);
        else if (response.StatusCode != HttpStatusCode.OK)
            throw new RpcException(FromHttp(response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        else if (response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
            throw new RpcException(StatusCode.Unknown, $"Bad gRPC response. Content type: {response.Content.Headers.ContentType}");
        return new(response, options, PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken)), maxSize);
    }

    public async ValueTask<(bool Found, T? Message)> ReadAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
    {
        var next = await reader.ReadAsync(marshaller.Read, cancellationToken);
        if (!next.Found && First(response.Headers, "grpc-status") is null)
            ThrowUnlessOk(First(response.TrailingHeaders, "grpc-status"), response.TrailingHeaders, options);
        return next;
    }

    public async ValueTask<T> ReadSingleAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
    {
        var (found, message) = await ReadAsync(marshaller, cancellationToken);
        if (!found)
            throw new RpcException(StatusCode.Internal, "The answer carried no message.");
        if ((await ReadAsync(marshaller, cancellationToken)).Found)
            throw new RpcException(StatusCode.Internal, "The answer carried more than one message.");
        return message!;
    }

    public void Dispose()
    {
        pipe.Complete();
        response.Dispose();
    }

    private static void ThrowUnlessOk(string? status, HttpHeaders source, CallOptions options)
    {
        if (status == "0")
        {
            if (options.ResponseTrailers is { } trailers)
                Copy(source, trailers);
            return;
        }
        var all = new Metadata();
        Copy(source, all);
        var code = int.TryParse(status, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 16 ? (StatusCode)number : StatusCode.Unknown;
        throw new RpcException(code, First(source, "grpc-message") is { } text ? GrpcMessage.Decode(text) : status is null ? "The answer carried no status." : "", all);
    }

    private static string? First(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.Count > 0 ? values.ToString() : null;

    private static void Copy(HttpHeaders source, Metadata target)
    {
        foreach (var (name, values) in source.NonValidated)
            if (!MetadataWire.IsReserved(name))
                foreach (var value in values)
                    MetadataWire.AddTo(target, name, value);
    }

    private static StatusCode FromHttp(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
