using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.Invocation;

/// <summary>Something that can be invoked, as one caller sees it.</summary>
internal abstract class Callee
{
    /// <summary>The policy of the caller's sidecar for this method.</summary>
    public abstract Policy PolicyFor(string path);

    /// <summary>Waits for a place among the calls that the callee takes at once.</summary>
    public virtual ValueTask<AppChannel.Place> EnterAsync(CancellationToken cancellation) => default;

    /// <summary>Sends one attempt and returns when the headers of the answer are there. Throwing means that there is no answer.</summary>
    public abstract Task<HttpResponseMessage> SendAsync(HttpExchange exchange, CancellationToken cancellation);

    /// <summary>The same for a call of InvokeService. A gRPC status of the app throws <see cref="ServiceFailedException"/>.</summary>
    public abstract Task<ServiceAnswer> InvokeAsync(ServiceCall call, CancellationToken cancellation);
}
