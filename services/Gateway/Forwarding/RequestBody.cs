using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Quayside.Gateway.Forwarding;

/// <summary>
/// The body of one request. Up to 64 KiB it is read first, so it has a length and can be sent again; a larger one is streamed, once.
/// </summary>
internal sealed class RequestBody
{
    private const int Buffered = 64 * 1024;

    // A client that sends too much is listened to that far, or it would see a broken connection in place of the 413.
    private const long Drained = 16 * 1024 * 1024;

    private readonly ReadOnlyMemory<byte> head;
    private readonly Stream? rest;
    private readonly long? length;
    private readonly bool expected;

    private RequestBody(ReadOnlyMemory<byte> head, Stream? rest, long? length, bool expected)
    {
        this.head = head;
        this.rest = rest;
        this.length = length;
        this.expected = expected;
    }

    public bool IsRepeatable => rest is null;

    /// <returns>Null if the body is larger than <paramref name="limit"/>, as far as is known before it is streamed.</returns>
    public static async Task<RequestBody?> ReadAsync(HttpContext context, int limit)
    {
        var request = context.Request;
        var expected = HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }) return new RequestBody(default, null, 0, expected);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = Drained;
        var most = Math.Min(Buffered, limit);
        if (request.ContentLength > limit) return await DrainAsync(context);
        var buffer = new byte[(int)Math.Min(request.ContentLength ?? most + 1, most + 1)];
        var read = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (read <= most && (request.ContentLength ?? read) == read) return new RequestBody(buffer.AsMemory(0, read), null, read, true);
        if (limit <= Buffered) return await DrainAsync(context);
        return new RequestBody(buffer.AsMemory(0, read), new LimitedStream(request.Body, limit - read), request.ContentLength, true);
    }

    public HttpContent? ToContent()
    {
        if (rest is not null) return new Streamed(head, rest, length);
        return head.Length > 0 || expected ? new ReadOnlyMemoryContent(head) : null;
    }

    private static async Task<RequestBody?> DrainAsync(HttpContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, patience.Token);
        }
        catch (Exception given) when (given is BadHttpRequestException or OperationCanceledException)
        {
            context.Response.Headers.Connection = "close";
        }

        return null;
    }

    private sealed class Streamed(ReadOnlyMemory<byte> head, Stream rest, long? length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(head, cancellationToken);
            await rest.CopyToAsync(stream, cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long computed)
        {
            computed = length ?? 0;
            return length is not null;
        }
    }
}
