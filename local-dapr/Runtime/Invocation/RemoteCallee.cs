using System.Net;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// An app behind the sidecar of another process: HTTP/2 to that sidecar's internal port, with the token of its registration. When the sidecar cannot be
/// reached the built-in retries apply, unless a target names the app; an app that is down behind a live sidecar is not retried.
/// </summary>
internal sealed class RemoteCallee(string appId, NameRegistry names, SidecarContext caller, HttpMessageInvoker invoker) : Callee
{
    public override Policy PolicyFor(string path) => caller.Policies.ForApp(appId, path);

    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, CancellationToken cancellation)
    {
        var remote = Find();
        var policy = caller.Policies.HasApp(appId) || exchange.IsChunked ? Policy.None : caller.Policies.ForSidecars();
        return policy.ExecuteAsync(token => OnceAsync(exchange, remote, token), cancellation);
    }

    public override Task<ServiceAnswer> InvokeAsync(ServiceCall call, CancellationToken cancellation)
    {
        var remote = Find();
        var policy = caller.Policies.HasApp(appId) ? Policy.None : caller.Policies.ForSidecars();
        return policy.ExecuteAsync(token => InvokeOnceAsync(call, remote, token), cancellation);
    }

    private async Task<ServiceAnswer> InvokeOnceAsync(ServiceCall call, RemoteAddress remote, CancellationToken cancellation)
    {
        using var carrier = new HttpRequestMessage();
        foreach (var (name, value) in call.Passed(withIds: false))
            carrier.Headers.TryAddWithoutValidation(name, value);
        call.Trace.Write(carrier.Headers);
        CallerHeaders.Write(carrier.Headers, caller.Options, appId);
        var headers = new Metadata();
        var metadata = GrpcAppCall.ToMetadata(carrier);
        metadata.Add(InternalPipeline.TokenHeader, remote.Token);
        using var channel = new GrpcChannel(new Uri("http://" + remote.Address), invoker);
        try
        {
            var response = await channel.UnaryAsync(
                DaprMethods.InvokeService,
                new InvokeServiceRequest { Id = appId, Message = call.Message },
                new CallOptions { Headers = metadata, ResponseHeaders = headers, CancellationToken = cancellation });
            return new ServiceAnswer(response, headers, 0);
        }
        catch (RpcException failure) when (failure.InnerException is HttpRequestException)
        {
            throw new HttpRequestException($"failed to reach the sidecar of {appId} at {remote.Address}: {failure.Detail}", failure);
        }
        catch (RpcException failure)
        {
            throw new PermanentException(new ServiceFailedException(failure, headers));
        }
    }

    /// <summary>Sends with the built-in retries; <paramref name="send"/> gets address and token of the other sidecar.</summary>
    public Task<T> SendAsync<T>(Func<string, string, CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        var remote = Find();
        var policy = caller.Policies.HasApp(appId) ? Policy.None : caller.Policies.ForSidecars();
        return policy.ExecuteAsync(token => send("http://" + remote.Address, remote.Token, token), cancellation);
    }

    private RemoteAddress Find() =>
        names.Find(appId) ?? throw new InvalidOperationException($"couldn't find service: {appId}, no host found");

    private async Task<HttpResponseMessage> OnceAsync(HttpExchange exchange, RemoteAddress remote, CancellationToken cancellation)
    {
        using var request = exchange.CreateRequest("http://" + remote.Address, HttpVersion.Version20, withIds: false);
        request.Headers.TryAddWithoutValidation(InternalPipeline.TokenHeader, remote.Token);
        CallerHeaders.Write(request.Headers, caller.Options, appId);
        HttpResponseMessage response;
        try
        {
            response = await invoker.SendAsync(request, cancellation);
        }
        catch (HttpRequestException failure) when (exchange.CanSendAgain)
        {
            throw new HttpRequestException($"failed to reach the sidecar of {appId} at {remote.Address}: {failure.Message}", failure);
        }
        catch (HttpRequestException failure)
        {
            throw new PermanentException(failure);
        }
        return await UnwrapAsync(response, cancellation);
    }

    /// <summary>A failure of the other sidecar is one of ours; an answer of its app goes on.</summary>
    private static async Task<HttpResponseMessage> UnwrapAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Headers.NonValidated.Contains(InternalPipeline.ErrorHeader))
        {
            using (response)
            {
                var message = await response.Content.ReadAsStringAsync(cancellation);
                throw new PermanentException((int)response.StatusCode == 403
                    ? new ApiException(403, StatusCode.PermissionDenied, "ERR_DIRECT_INVOKE", message)
                    : new InvalidOperationException(message));
            }
        }
        if (!response.Headers.Remove(InternalPipeline.FinalHeader))
            return response;
        var final = new FinalAnswer(response.StatusCode) { Content = response.Content };
        foreach (var (name, values) in response.Headers.NonValidated)
            final.Headers.TryAddWithoutValidation(name, values);
        return final;
    }
}
