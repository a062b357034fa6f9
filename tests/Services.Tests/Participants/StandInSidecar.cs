using System.Collections.Concurrent;
using System.Text;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Quayside.Services.Tests.Participants;

/// <summary>State, bindings and invocation as a sidecar offers them, in memory, with places to interfere: the tests of the
/// participants need a lost answer or a halted call at an exact moment.</summary>
internal sealed class StandInSidecar : IAsyncDisposable
{
    public const string AppToken = "app-token";

    private readonly WebApplication app;
    private readonly Lock gate = new();
    private readonly Dictionary<string, (ByteString Value, string ETag)> state = [];
    private readonly HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private long etags;

    private StandInSidecar(WebApplication app) => this.app = app;

    /// <summary>Base addresses of apps and HTTP endpoints by name.</summary>
    public ConcurrentDictionary<string, Uri> Apps { get; } = new();

    public ConcurrentQueue<InvokeBindingRequest> Bindings { get; } = new();

    /// <summary>Nothing is delivered: the tests do that.</summary>
    public ConcurrentQueue<PublishEventRequest> Published { get; } = new();

    /// <summary>Stands around each effect of a call of an app: may halt or refuse it, lose its answer, or keep it and let it happen later.</summary>
    public Func<SidecarCall, Func<Task>, Task> Around { get; set; } = (_, effect) => effect();

    public StandInEngine Engine { get; } = new();

    /// <summary>May halt or fail a binding.</summary>
    public Func<InvokeBindingRequest, Task> BeforeBinding { get; set; } = _ => Task.CompletedTask;

    /// <summary>May halt or fail (by an exception) a call before it is passed on: (app, path).</summary>
    public Func<string, string, Task> BeforeCall { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>May halt or lose the answer of a call: (app, path).</summary>
    public Func<string, string, Task> AfterCall { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>May answer a call with JSON in the app's place: (app, path).</summary>
    public Func<string, string, string?> Instead { get; set; } = (_, _) => null;

    /// <summary>May halt or fail a write before it happens.</summary>
    public Func<StateItem, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>May lose the answer of a write that happened.</summary>
    public Func<StateItem, Task> AfterWrite { get; set; } = _ => Task.CompletedTask;

    public string HttpEndpoint => app.Urls.First();

    public string GrpcEndpoint => app.Urls.Last();

    public IReadOnlyDictionary<string, string> Documents
    {
        get
        {
            lock (gate) return state.ToDictionary(entry => entry.Key, entry => entry.Value.Value.ToStringUtf8());
        }
    }

    /// <summary>All documents with their etags, for <see cref="Restore"/>.</summary>
    public IReadOnlyDictionary<string, (ByteString Value, string ETag)> Save()
    {
        lock (gate) return state.ToDictionary();
    }

    public void Restore(IReadOnlyDictionary<string, (ByteString Value, string ETag)> saved)
    {
        lock (gate)
        {
            state.Clear();
            foreach (var (key, entry) in saved) state.Add(key, entry);
        }
    }

    public string? Find(string store, string key)
    {
        lock (gate) return state.TryGetValue(Key(store, key), out var entry) ? entry.Value.ToStringUtf8() : null;
    }

    public static async Task<StandInSidecar> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        var sidecar = new StandInSidecar(builder.Build());
        var services = new GrpcServices();
        services.Unary(DaprMethods.GetState, (request, call) => sidecar.GetAsync(request, CallerOf(call.HttpContext)));
        services.Unary(DaprMethods.SaveState, (request, call) => sidecar.SaveAsync(request, CallerOf(call.HttpContext)));
        services.Unary(DaprMethods.DeleteState, (request, call) => sidecar.DeleteAsync(request, CallerOf(call.HttpContext)));
        services.Unary(DaprMethods.GetSecret, (request, _) => Task.FromResult(new GetSecretResponse { Data = { [request.Key] = $"the secret {request.Key}" } }));
        services.Unary(DaprMethods.PublishEvent, (request, _) =>
        {
            sidecar.Published.Enqueue(request);
            return Task.FromResult(new Empty());
        });
        services.Unary(DaprMethods.InvokeBinding, async (request, _) =>
        {
            await sidecar.BeforeBinding(request);
            sidecar.Bindings.Enqueue(request);
            return new InvokeBindingResponse();
        });
        sidecar.Engine.Serve(services);
        sidecar.app.Run(context => context.Request.Protocol == HttpProtocol.Http2 ? services.HandleAsync(context) : sidecar.InvokeAsync(context));
        await sidecar.app.StartAsync();
        return sidecar;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private static string CallerOf(HttpContext context) => context.Request.Headers["dapr-api-token"].ToString();

    private async Task<GetStateResponse> GetAsync(GetStateRequest request, string caller)
    {
        GetStateResponse answer = new();
        await Around(new(caller, "read", request.Key), () => Task.FromResult(answer = Get(request)));
        return answer;
    }

    private GetStateResponse Get(GetStateRequest request)
    {
        lock (gate)
        {
            return state.TryGetValue(Key(request.StoreName, request.Key), out var entry)
                ? new() { Data = entry.Value, Etag = entry.ETag }
                : new();
        }
    }

    private async Task<Empty> SaveAsync(SaveStateRequest request, string caller)
    {
        foreach (var item in request.States) await Around(new(caller, "write", item.Key), () => WriteAsync(request.StoreName, item));
        return new();
    }

    private async Task WriteAsync(string store, StateItem item)
    {
        await BeforeWrite(item);
        lock (gate)
        {
            var key = Key(store, item.Key);
            var isThere = state.TryGetValue(key, out var entry);
            var given = item.Etag?.Value ?? "";
            var isFirstWrite = item.Options?.Concurrency == StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite;
            if (given.Length > 0 ? !isThere || entry.ETag != given : isThere && isFirstWrite)
                throw new RpcException(StatusCode.Aborted, "possible etag mismatch");
            state[key] = (item.Value, (++etags).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        await AfterWrite(item);
    }

    private async Task<Empty> DeleteAsync(DeleteStateRequest request, string caller)
    {
        await Around(new(caller, "delete", request.Key), () =>
        {
            lock (gate)
            {
                var key = Key(request.StoreName, request.Key);
                if (request.Etag is { Value.Length: > 0 } given && state.TryGetValue(key, out var entry) && entry.ETag != given.Value)
                    throw new RpcException(StatusCode.Aborted, "possible etag mismatch");
                state.Remove(key);
            }

            return Task.CompletedTask;
        });
        return new();
    }

    private async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/v1.0/healthz"))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        // /v1.0/invoke/APP/method/PATH
        var parts = context.Request.Path.Value!.Split('/', 6);
        var (target, path) = (parts[3], parts[5]);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var sent = new Sent(context.Request.Method, context.Request.QueryString.Value ?? "", body.ToArray(), context.Request.ContentType, context.RequestAborted);
        try
        {
            (int Status, string? ContentType, byte[] Body) answer = default;
            await Around(new(CallerOf(context), "call", $"{target}/{path}"), async () => answer = await ForwardAsync(target, path, sent));
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            await context.Response.Body.WriteAsync(answer.Body);
        }
        catch (Exception failure) when (failure is HttpRequestException or KeyNotFoundException or IOException)
        {
            context.Response.StatusCode = 500;
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task<(int Status, string? ContentType, byte[] Body)> ForwardAsync(string target, string path, Sent sent)
    {
        await BeforeCall(target, path);
        if (Instead(target, path) is { } instead) return (StatusCodes.Status200OK, "application/json", Encoding.UTF8.GetBytes(instead));
        using var request = new HttpRequestMessage(new HttpMethod(sent.Method), new Uri(Apps[target], path + sent.Query));
        if (sent.Body.Length > 0)
        {
            request.Content = new ByteArrayContent(sent.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", sent.ContentType);
        }

        request.Headers.Add("dapr-api-token", AppToken);
        using var answer = await http.SendAsync(request, sent.Aborted);
        var bytes = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
        await AfterCall(target, path);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), bytes);
    }

    private static string Key(string store, string key) => $"{store}/{key}";

    private sealed record Sent(string Method, string Query, byte[] Body, string? ContentType, CancellationToken Aborted);
}

/// <summary>A call that reached the sidecar.</summary>
/// <param name="Caller">The API token that the app was started with, as its name; empty for none.</param>
/// <param name="Verb">read, write, delete (of state) or call (of an app).</param>
/// <param name="Target">Key, or app and path.</param>
internal sealed record SidecarCall(string Caller, string Verb, string Target);
