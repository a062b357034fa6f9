using System.Net;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Invocation;

/// <summary>One proxied gRPC call: makes the requests of its attempts and gives one answer back, trailers included.</summary>
internal sealed class GrpcRelay(HttpContext http, TraceContext trace, long limit) : IAsyncDisposable
{
    private readonly RecordedBody body = new(http.Request.BodyReader, limit);

    public string Path => http.Request.Path.Value ?? "";

    public bool CanRepeat => body.CanRepeat;

    public bool IsStream => body.IsStream;

    public bool HasAnswered { get; private set; }

    /// <param name="address">Scheme, host and port.</param>
    /// <param name="caller">Adds the ids of caller and callee; null leaves the client's as they are.</param>
    /// <param name="callee">App id.</param>
    public async Task<HttpRequestMessage> CreateRequestAsync(string address, SidecarOptions? caller, string callee)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address + Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = await body.NextAsync(),
        };
        foreach (var (name, values) in http.Request.Headers)
        {
            if (name is "Content-Type")
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            else if (HopHeaders.IsForRequest(name, null, withIds: caller is null))
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        trace.Write(request.Headers);
        if (caller is not null)
            CallerHeaders.Write(request.Headers, caller, callee);
        return request;
    }

    public async Task AnswerAsync(GrpcAnswer answer, CancellationToken cancellation)
    {
        HasAnswered = true;
        try
        {
            var to = http.Response;
            to.StatusCode = (int)answer.Response.StatusCode;
            foreach (var (name, values) in answer.Response.Headers.NonValidated)
                if (HopHeaders.IsForResponse(name, null))
                    to.Headers[name] = values.ToArray();
            foreach (var (name, values) in answer.Response.Content.Headers.NonValidated)
                to.Headers[name] = values.ToArray();
            if (answer.FirstLength > 0)
            {
                await to.BodyWriter.WriteAsync(answer.First.AsMemory(0, answer.FirstLength), cancellation);
            }
            var stream = answer.Body ?? await answer.Response.Content.ReadAsStreamAsync(cancellation);
            while (await stream.ReadAsync(to.BodyWriter.GetMemory(), cancellation) is > 0 and var count)
            {
                to.BodyWriter.Advance(count);
                await to.BodyWriter.FlushAsync(cancellation);
            }
            foreach (var (name, values) in answer.Response.TrailingHeaders.NonValidated)
                to.AppendTrailer(name, values.ToArray());
        }
        catch (Exception)
        {
            http.Abort();
            throw;
        }
    }

    public ValueTask DisposeAsync() => body.DisposeAsync();
}
