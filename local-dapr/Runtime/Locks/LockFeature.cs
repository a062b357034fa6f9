using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.State;

namespace LocalDapr.Runtime.Locks;

/// <summary>Lock stores and their API (alpha, contract section 13), served by the built-in engine.</summary>
internal sealed class LockFeature(SidecarContext context) : ISidecarFeature
{
    private const string Version = "v1.0-alpha1";

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly ConcurrentDictionary<string, (LockTable Table, string Prefix)> stores = new(StringComparer.Ordinal);

    public bool Loads(string componentType) => componentType.StartsWith("lock.", StringComparison.Ordinal);

    public Task LoadAsync(Component component, CancellationToken cancellation)
    {
        if (context.Runtime.Options.Backends == Backends.Declared)
            throw component.Spec.Error($"the lock store `{component.Type}` is not served by this runtime as declared", "Use --backends embedded, or run the real Dapr.");
        var table = context.Runtime.Shared(runtime => new EmbeddedLocks(runtime)).Open(component.Name);
        stores[component.Name] = (table, "lock||" + KeyPrefix.Of(component, context.Options));
        return Task.CompletedTask;
    }

    public Task UnloadAsync(string componentName)
    {
        stores.TryRemove(componentName, out _);
        return Task.CompletedTask;
    }

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        http.Map("lock", "POST", "lock/{store}", async (call, route) =>
        {
            Find(route["store"]);
            var request = await ReadAsync<TryLockRequest>(call);
            request.StoreName = route["store"];
            await call.WriteJsonAsync(new JsonObject { ["success"] = await TryLockAsync(request, call.RequestAborted) });
        }, Version);
        http.Map("unlock", "POST", "unlock/{store}", async (call, route) =>
        {
            Find(route["store"]);
            var request = await ReadAsync<UnlockRequest>(call);
            request.StoreName = route["store"];
            await call.WriteJsonAsync(new JsonObject { ["status"] = (int)await UnlockAsync(request, call.RequestAborted) });
        }, Version);
        grpc.Serve(DaprMethods.TryLockAlpha1, async (request, call) => new TryLockResponse { Success = await TryLockAsync(request, call.CancellationToken) });
        grpc.Serve(DaprMethods.UnlockAlpha1, async (request, call) => new UnlockResponse { Status = await UnlockAsync(request, call.CancellationToken) });
    }

    private async Task<bool> TryLockAsync(TryLockRequest request, CancellationToken cancellation)
    {
        var (table, prefix) = Find(request.StoreName);
        Require(request.ResourceId, "resourceId");
        Require(request.LockOwner, "lockOwner");
        if (request.ExpiryInSeconds <= 0)
            throw ApiException.Malformed("expiryInSeconds is not positive");
        var key = prefix + Checked(request.ResourceId, "ERR_TRY_LOCK");
        return await context.Policies.Outbound(request.StoreName, "Lock").ExecuteAsync(_ => table.TryLockAsync(key, request.LockOwner, TimeSpan.FromSeconds(request.ExpiryInSeconds)), cancellation);
    }

    private async Task<UnlockResponse.Types.Status> UnlockAsync(UnlockRequest request, CancellationToken cancellation)
    {
        var (table, prefix) = Find(request.StoreName);
        Require(request.ResourceId, "resourceId");
        Require(request.LockOwner, "lockOwner");
        var key = prefix + Checked(request.ResourceId, "ERR_UNLOCK");
        return await context.Policies.Outbound(request.StoreName, "Lock").ExecuteAsync(_ => table.UnlockAsync(key, request.LockOwner), cancellation);
    }

    private (LockTable Table, string Prefix) Find(string name)
    {
        if (stores.IsEmpty)
            throw new ApiException(500, StatusCode.FailedPrecondition, "ERR_LOCK_STORE_NOT_CONFIGURED", "no lock store is configured");
        return stores.TryGetValue(name, out var store)
            ? store
            : throw new ApiException(400, StatusCode.InvalidArgument, "ERR_LOCK_STORE_NOT_FOUND", $"lock store {name} is not found");
    }

    private static void Require(string value, string name)
    {
        if (value.Length == 0)
            throw ApiException.Malformed($"{name} is missing");
    }

    private static string Checked(string resource, string errorCode) => resource.Contains(KeyPrefix.Separator, StringComparison.Ordinal)
        ? throw new ApiException(500, StatusCode.Internal, errorCode, $"resourceId '{resource}' can't contain '{KeyPrefix.Separator}'")
        : resource;

    private static async Task<T> ReadAsync<T>(HttpContext call)
        where T : IMessage, new()
    {
        try
        {
            var body = Encoding.UTF8.GetString(await call.ReadBodyAsync());
            return Json.Parse<T>(body);
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw ApiException.Malformed($"failed deserializing HTTP body: {failure.Message}");
        }
    }
}
