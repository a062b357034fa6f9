using System.Collections.Concurrent;
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

    public StandInEngine Engine { get; } = new();

    /// <summary>May halt or fail a binding.</summary>
    public Func<InvokeBindingRequest, Task> BeforeBinding { get; set; } = _ => Task.CompletedTask;

    /// <summary>May halt or fail (by an exception) a call before it is passed on: (app, path).</summary>
    public Func<string, string, Task> BeforeCall { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>May halt or lose the answer of a call: (app, path).</summary>
    public Func<string, string, Task> AfterCall { get; set; } = (_, _) => Task.CompletedTask;

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
        services.Unary(DaprMethods.GetState, (request, _) => Task.FromResult(sidecar.Get(request)));
        services.Unary(DaprMethods.SaveState, async (request, _) => await sidecar.SaveAsync(request));
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

    private GetStateResponse Get(GetStateRequest request)
    {
        lock (gate)
        {
            return state.TryGetValue(Key(request.StoreName, request.Key), out var entry)
                ? new() { Data = entry.Value, Etag = entry.ETag }
                : new();
        }
    }

    private async Task<Empty> SaveAsync(SaveStateRequest request)
    {
        foreach (var item in request.States)
        {
            await BeforeWrite(item);
            lock (gate)
            {
                var key = Key(request.StoreName, item.Key);
                var isThere = state.TryGetValue(key, out var entry);
                var given = item.Etag?.Value ?? "";
                var isFirstWrite = item.Options?.Concurrency == StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite;
                if (given.Length > 0 ? !isThere || entry.ETag != given : isThere && isFirstWrite)
                    throw new RpcException(StatusCode.Aborted, "possible etag mismatch");
                state[key] = (item.Value, (++etags).ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            await AfterWrite(item);
        }

        return new();
    }

    private async Task InvokeAsync(HttpContext context)
    {
        // /v1.0/invoke/APP/method/PATH
        var parts = context.Request.Path.Value!.Split('/', 6);
        var (target, path) = (parts[3], parts[5]);
        try
        {
            await BeforeCall(target, path);
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(Apps[target], path + context.Request.QueryString));
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (body.Length > 0)
            {
                request.Content = new ByteArrayContent(body.ToArray());
                request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
            }

            request.Headers.Add("dapr-api-token", AppToken);
            using var answer = await http.SendAsync(request, context.RequestAborted);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            await AfterCall(target, path);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await context.Response.Body.WriteAsync(bytes);
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

    private static string Key(string store, string key) => $"{store}/{key}";
}
