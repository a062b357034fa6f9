using System.Runtime.CompilerServices;

namespace LocalDapr.Protocol.Grpc;

/// <summary>A running call with messages both ways. One writer and one reader at a time; disposing cancels what is not over.</summary>
public sealed class DuplexCall<TReq, TRes> : IDisposable, IAsyncDisposable
{
    private readonly Marshaller<TRes> responses;
    private readonly Marshaller<TReq>? requests;
    private readonly StreamingContent? content;
    private readonly GrpcChannelOptions channel;
    private readonly CallLifetime lifetime;
    private readonly Task<GrpcResponse> response;
    private int disposed;

    internal DuplexCall(Marshaller<TRes> responses, CallOptions call, GrpcChannelOptions channel,
        Func<CallLifetime, CallOptions, Task<HttpResponseMessage>> send, Marshaller<TReq>? requests = null, StreamingContent? content = null)
    {
        (this.responses, this.channel, this.requests, this.content) = (responses, channel, requests, content);
        lifetime = new(call, channel.TimeProvider, cancellable: true);
        response = OpenAsync(send, call);
    }

    /// <summary>Sends a message at once.</summary>
    /// <exception cref="RpcException">The call is over; the status says why.</exception>
    public async Task WriteAsync(TReq message, CancellationToken cancellationToken = default)
    {
        try
        {
            await content!.WriteAsync(requests!, message, channel.MaxSendMessageSize, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            // The server's own status says more than the broken pipe does.
            if (response.IsFaulted)
                await response;
            throw lifetime.Translate(e);
        }
    }

    /// <summary>No more messages will be sent; the server may go on.</summary>
    public Task CompleteAsync()
    {
        content?.Complete();
        return Task.CompletedTask;
    }

    /// <summary>The server's messages up to the end of the call; to be enumerated once.</summary>
    public async IAsyncEnumerable<TRes> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var registration = cancellationToken.UnsafeRegister(static l => ((CallLifetime)l!).Cancel(), lifetime);
        while (true)
        {
            TRes message;
            try
            {
                var (found, next) = await (await response).ReadAsync(responses, lifetime.Token);
                if (!found)
                    yield break;
                message = next!;
            }
            catch (Exception e)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw lifetime.Translate(e);
            }
            yield return message;
        }
    }

    /// <summary>Waits until the server has sent its headers: it has taken the call.</summary>
    public Task WaitForHeadersAsync() => response;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        lifetime.Cancel();
        content?.Fail(new RpcException(StatusCode.Cancelled, "The call was disposed."));
        if (response.IsCompletedSuccessfully)
            response.Result.Dispose();
        else
            _ = response.ContinueWith(static r => { if (r.IsCompletedSuccessfully) r.Result.Dispose(); else _ = r.Exception; }, TaskScheduler.Default);
        lifetime.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<GrpcResponse> OpenAsync(Func<CallLifetime, CallOptions, Task<HttpResponseMessage>> send, CallOptions call)
    {
        try
        {
            return await GrpcResponse.OpenAsync(await send(lifetime, call), call, channel.MaxReceiveMessageSize, lifetime.Token);
        }
        catch (Exception e)
        {
            var told = lifetime.Translate(e);
            content?.Fail(told);
            throw told;
        }
    }
}
