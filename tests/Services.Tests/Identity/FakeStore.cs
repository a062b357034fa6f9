using System.Globalization;
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
using StateOptions = Dapr.Proto.Common.V1.StateOptions;

namespace Quayside.Services.Tests.Identity;

/// <summary>A sidecar with one state store and one secret, strict about etags and first writes.</summary>
internal sealed class FakeStore : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Lock gate = new();
    private readonly Dictionary<string, (ByteString Value, string ETag)> state = [];
    private long etags;

    private FakeStore(WebApplication app) => this.app = app;

    public string Http => app.Urls.First();

    public string Grpc => app.Urls.Last();

    public string Secret { get; set; } = "a secret of a length that is enough";

    public int Reads { get; private set; }

    public bool RefuseDeletions { get; set; }

    public IReadOnlyDictionary<string, string> Documents
    {
        get
        {
            lock (gate) return state.ToDictionary(e => e.Key, e => e.Value.Value.ToStringUtf8());
        }
    }

    public static async Task<FakeStore> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        var store = new FakeStore(builder.Build());
        var services = new GrpcServices()
            .Unary(DaprMethods.GetState, (request, _) => Task.FromResult(store.Get(request)))
            .Unary(DaprMethods.SaveState, (request, _) => Task.FromResult(store.Save(request)))
            .Unary(DaprMethods.DeleteState, (request, _) => Task.FromResult(store.Delete(request)))
            .Unary(DaprMethods.GetSecret, (request, _) => Task.FromResult(new GetSecretResponse { Data = { [request.Key] = store.Secret } }));
        store.app.Run(context =>
        {
            if (context.Request.Protocol == HttpProtocol.Http2) return services.HandleAsync(context);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await store.app.StartAsync();
        return store;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private GetStateResponse Get(GetStateRequest request)
    {
        lock (gate)
        {
            Reads++;
            return state.TryGetValue(request.Key, out var entry) ? new() { Data = entry.Value, Etag = entry.ETag } : new();
        }
    }

    private Empty Delete(DeleteStateRequest request)
    {
        lock (gate)
        {
            if (RefuseDeletions) throw new RpcException(StatusCode.Internal, "the store is away");
            if (request.Etag is not { Value.Length: > 0 } given) throw new RpcException(StatusCode.InvalidArgument, "a deletion without an etag");
            if (state.TryGetValue(request.Key, out var entry) && entry.ETag != given.Value) throw new RpcException(StatusCode.Aborted, "possible etag mismatch");
            state.Remove(request.Key);
        }

        return new();
    }

    private Empty Save(SaveStateRequest request)
    {
        lock (gate)
        {
            foreach (var item in request.States)
            {
                var there = state.TryGetValue(item.Key, out var entry);
                var given = item.Etag?.Value ?? "";
                if (item.Options?.Concurrency != StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite)
                    throw new RpcException(StatusCode.InvalidArgument, "a write that does not say first-write");
                if (there ? entry.ETag != given : given.Length > 0) throw new RpcException(StatusCode.Aborted, "possible etag mismatch");
                state[item.Key] = (item.Value, (++etags).ToString(CultureInfo.InvariantCulture));
            }
        }

        return new();
    }
}
