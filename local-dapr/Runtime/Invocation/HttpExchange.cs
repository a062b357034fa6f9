using System.Net;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Tracing;
using Microsoft.AspNetCore.Http.Features;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// One request on its way through the sidecar: it makes the outgoing requests of the attempts, and gives one answer back. An answer that breaks off
/// after its first byte aborts the caller's connection, so that a cut body is never taken for a whole one.
/// </summary>
internal sealed class HttpExchange(HttpContext http, string path, TraceContext trace) : IAsyncDisposable
{
    private const int SmallBody = 16 << 10;

    private static readonly TaskCompletionSource Closed = new();

    private byte[]? buffered;
    private ForwardedBody? body;
    private TaskCompletionSource? relayed;

    public HttpContext Http => http;

    public TraceContext Trace => trace;

    /// <summary>Escaped path of the method, beginning with a slash.</summary>
    public string Path => path;

    /// <summary>Without a length the body can be sent only once.</summary>
    public bool IsChunked { get; } = http.Request.ContentLength is null
        && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false;

    /// <summary>False once the body has been taken from the caller and was not kept.</summary>
    public bool CanSendAgain => body is null || !body.HasStarted;

    /// <summary>A failure of the caller's own body, rather than of the call.</summary>
    public Exception? BodyFailure => body?.Failure;

    /// <summary>True when an answer was begun: nothing else may be written.</summary>
    public bool HasAnswered => relayed is { } begun && begun != Closed;

    /// <summary>Keeps the body for several attempts.</summary>
    public async Task BufferAsync()
    {
        if (http.Request.ContentLength > 0)
            buffered = await http.ReadBodyAsync();
    }

    /// <summary>The whole body, kept for further attempts.</summary>
    public async Task<byte[]> ReadBodyAsync() => buffered ??= await http.ReadBodyAsync();

    /// <summary>Sends these bytes instead of the caller's.</summary>
    public void Replace(byte[] bytes) => buffered = bytes;

    /// <param name="address">Scheme, host and port, perhaps a path, without a slash at the end.</param>
    /// <param name="version">HTTP version towards the target.</param>
    /// <param name="withIds">Pass the caller's dapr-caller-* and dapr-callee-* headers as they are.</param>
    public HttpRequestMessage CreateRequest(string address, Version version, bool withIds)
    {
        var incoming = http.Request;
        var request = new HttpRequestMessage(
            new HttpMethod(incoming.Method),
            new Uri(string.Concat(address, path, incoming.QueryString.Value), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = Content(incoming),
        };
        var listed = HopHeaders.Listed(incoming.Headers.Connection.ToString());
        foreach (var (name, values) in incoming.Headers)
        {
            if (!HopHeaders.IsForRequest(name, listed, withIds) || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase))
                continue;
            var added = values.Count == 1 ? request.Headers.TryAddWithoutValidation(name, values[0]) : request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            if (!added)
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
        trace.Write(request.Headers);
        return request;
    }

    /// <summary>Sends one attempt. A status outside 200-399 throws <see cref="AnswerException"/>, any other answer goes to the caller at once.</summary>
    public async Task AttemptAsync(Callee callee, CancellationToken cancellation)
    {
        using var place = await callee.EnterAsync(cancellation);
        var response = await callee.SendAsync(this, cancellation);
        if (response is not FinalAnswer && (int)response.StatusCode is (< 200 or >= 400))
            throw new AnswerException(response);
        using (response)
            await RelayAsync(response, cancellation);
    }

    /// <summary>Gives the answer to the caller, once.</summary>
    public async Task RelayAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref relayed, done, null) is not null)
            throw new OperationCanceledException("the call was already answered");
        try
        {
            CopyHeaders(response);
            await CopyBodyAsync(response.Content, cancellation);
        }
        catch (Exception failure)
        {
            http.Abort();
            throw new PermanentException(failure);
        }
        finally
        {
            done.TrySetResult();
        }
    }

    /// <summary>Ends the exchange after a failure: no late attempt may answer, and one that has begun is broken off.</summary>
    public async Task CloseAsync()
    {
        if (Interlocked.CompareExchange(ref relayed, Closed, null) is not { } begun || begun == Closed || begun.Task.IsCompleted)
            return;
        http.Abort();
        await begun.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (body is not null)
            await body.StopAsync();
    }

    private HttpContent? Content(HttpRequest incoming)
    {
        if (buffered is not null)
            return new ByteArrayContent(buffered);
        if (!IsChunked && incoming.ContentLength is null)
            return null;
        if (incoming.ContentLength == 0)
            return new ByteArrayContent([]);
        if (!CanSendAgain)
            return body;
        body = new ForwardedBody(incoming.BodyReader, incoming.ContentLength, flushEach: IsChunked);
        return body;
    }

    private void CopyHeaders(HttpResponseMessage from)
    {
        var to = http.Response;
        to.StatusCode = (int)from.StatusCode;
        var listed = from.Headers.NonValidated.TryGetValues("Connection", out var connection) ? HopHeaders.Listed(connection.ToString()) : null;
        foreach (var (name, values) in from.Headers.NonValidated)
            Add(name, values);
        foreach (var (name, values) in from.Content.Headers.NonValidated)
            Add(name, values);
        if (to.StatusCode is 204)
            to.ContentLength = null;
        trace.Echo(to);

        void Add(string name, System.Net.Http.Headers.HeaderStringValues values)
        {
            if (HopHeaders.IsForResponse(name, listed))
                to.Headers[name] = values.Count == 1 ? values.ToString() : values.ToArray();
        }
    }

    /// <summary>Dapr labels a body that the app left without a type.</summary>
    private static string TypeOf(ReadOnlySpan<byte> start) =>
        start.ContainsAnyInRange((byte)0, (byte)8) ? "application/octet-stream" : "text/plain; charset=utf-8";

    private async Task CopyBodyAsync(HttpContent from, CancellationToken cancellation)
    {
        var length = from.Headers.ContentLength;
        if (length == 0 || http.Response.StatusCode is 204 or 304)
            return;
        var writer = http.Response.BodyWriter;
        await using var stream = await from.ReadAsStreamAsync(cancellation);
        while (await stream.ReadAsync(writer.GetMemory(), cancellation) is > 0 and var count)
        {
            http.Response.ContentType ??= TypeOf(writer.GetSpan()[..count]);
            writer.Advance(count);
            // A short body of known length leaves with its headers; anything else must not wait for the rest.
            if (length is null or > SmallBody)
                await writer.FlushAsync(cancellation);
        }
    }
}

/// <summary>An answer that policies take for a failure; the last one is the caller's all the same.</summary>
internal sealed class AnswerException(HttpResponseMessage response) : CodedException((int)response.StatusCode, $"status {(int)response.StatusCode}"), IDisposable
{
    public HttpResponseMessage Response { get; } = response;

    public void Dispose() => Response.Dispose();
}
