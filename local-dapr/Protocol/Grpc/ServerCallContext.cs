using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Protocol.Grpc;

/// <summary>What a handler knows of its call, and where it leaves headers and trailers.</summary>
public sealed class ServerCallContext : IDisposable
{
    /// <summary>
    /// In characters, up to nine bytes each on the wire, and bytes. Errors repeat what the client sent, and headers over a client's limit (8 to 64 KiB) end
    /// its connection with all calls on it.
    /// </summary>
    private const int MaxDetail = 500, MaxRichDetail = 6 << 10;

    private readonly CancellationTokenSource? deadline;
    private readonly CancellationTokenSource? either;
    private Metadata? requestHeaders;
    private Metadata? responseHeaders;
    private Metadata? responseTrailers;
    private Dictionary<object, object?>? items;

    internal ServerCallContext(HttpContext http, TimeProvider time)
    {
        HttpContext = http;
        CancellationToken = http.RequestAborted;
        if (GrpcTimeout.Decode(http.Request.Headers["grpc-timeout"]) is not { } timeout)
            return;
        Deadline = time.GetUtcNow() + GrpcTimeout.ForTimer(timeout);
        deadline = new(GrpcTimeout.ForTimer(timeout), time);
        either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, deadline.Token);
        CancellationToken = either.Token;
    }

    public HttpContext HttpContext { get; }

    /// <summary>The path, <c>/service/name</c>.</summary>
    public string Method => HttpContext.Request.Path.Value!;

    /// <summary>Fires when the client cancels or disappears, and at the deadline.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>When the client stops waiting, if it said so.</summary>
    public DateTimeOffset? Deadline { get; }

    public Metadata RequestHeaders => requestHeaders ??= ReadHeaders();

    /// <summary>Sent before the first message; later additions are lost.</summary>
    public Metadata ResponseHeaders => responseHeaders ??= [];

    /// <summary>Sent with the status, whatever it is.</summary>
    public Metadata ResponseTrailers => responseTrailers ??= [];

    /// <summary>For whoever wraps handlers: state of this call.</summary>
    public IDictionary<object, object?> Items => items ??= [];

    internal bool ClientHasLeft { get; set; }

    internal bool DeadlineExceeded => deadline?.IsCancellationRequested == true;

    /// <summary>Sends the headers now, so that a client of a stream knows that its call was taken.</summary>
    public async Task SendHeadersAsync()
    {
        Start();
        await FlushAsync();
    }

    public void Dispose()
    {
        either?.Dispose();
        deadline?.Dispose();
    }

    /// <summary>Goes on beyond the deadline: a flush that is cancelled makes Kestrel reset the stream, and the status is lost.</summary>
    internal ValueTask<FlushResult> FlushAsync() => HttpContext.Response.BodyWriter.FlushAsync(HttpContext.RequestAborted);

    internal void WriteFrame<T>(Marshaller<T> marshaller, T message, int? maxSize)
    {
        var length = FrameReader.HeaderSize + FrameWriter.SizeOf(marshaller, message, maxSize);
        Start();
        var writer = HttpContext.Response.BodyWriter;
        FrameWriter.Write(marshaller, message, writer.GetSpan(length)[..length]);
        writer.Advance(length);
        wroteBody = true;
    }

    /// <summary>Ends the call. An error before any message goes out as headers alone, as other implementations do.</summary>
    internal void Finish(StatusCode status, string detail, Metadata? trailers)
    {
        var response = HttpContext.Response;
        var headersOnly = !response.HasStarted && !wroteBody && status != StatusCode.OK;
        if (headersOnly || !response.HasStarted)
            Start();
        var code = ((int)status).ToString(CultureInfo.InvariantCulture);
        Set("grpc-status", code);
        if (detail.Length > 0)
            Set("grpc-message", GrpcMessage.Encode(detail.Length > MaxDetail ? detail[..MaxDetail] + "..." : detail));
        foreach (var source in (ReadOnlySpan<Metadata?>)[responseTrailers, trailers])
            for (var i = 0; i < source?.Count; i++)
                if (!MetadataWire.IsReserved(source[i].Key) && !(source[i].Key == RpcException.DetailsKey && source[i].Bytes?.Length > MaxRichDetail))
                    Set(source[i].Key, MetadataWire.Encode(source[i]));

        void Set(string name, string value)
        {
            if (headersOnly)
                response.Headers.Append(name, value);
            else
                response.AppendTrailer(name, value);
        }
    }

    private bool started;
    private bool wroteBody;

    private void Start()
    {
        if (started)
            return;
        started = true;
        var response = HttpContext.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        for (var i = 0; i < responseHeaders?.Count; i++)
            if (!MetadataWire.IsReserved(responseHeaders[i].Key))
                response.Headers.Append(responseHeaders[i].Key, MetadataWire.Encode(responseHeaders[i]));
    }

    private Metadata ReadHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in HttpContext.Request.Headers)
            if (!MetadataWire.IsReserved(name))
                foreach (var value in values)
                    MetadataWire.AddTo(metadata, name, value ?? "");
        return metadata;
    }
}
