using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Secrets;

/// <summary>Secret stores and their API (contract section 10): secretstores.local.file and secretstores.local.env, with either backends.</summary>
internal sealed class SecretsFeature(SidecarContext context) : ISecretSource
{
    private const string Family = "secretstores.";

    private readonly ConcurrentDictionary<string, ISecretStore> stores = new(StringComparer.Ordinal);
    private readonly SecretScopes scopes = new(context.Configuration);

    public bool Loads(string componentType) => componentType.StartsWith(Family, StringComparison.Ordinal);

    public Task LoadAsync(Component component, CancellationToken cancellation)
    {
        component.Spec.RequireVersion("v1");
        stores[component.Name] = component.Type switch
        {
            "secretstores.local.env" => new EnvironmentSecretStore(component["prefix"] ?? ""),
            "secretstores.local.file" => OpenFile(component),
            _ => throw component.Spec.Error($"the secret store `{component.Type}` is not served by this runtime", "Use secretstores.local.file or secretstores.local.env, or run the real Dapr."),
        };
        return Task.CompletedTask;
    }

    public Task UnloadAsync(string componentName)
    {
        stores.TryRemove(componentName, out _);
        return Task.CompletedTask;
    }

    public bool Has(string store) => stores.ContainsKey(store);

    public Task<IReadOnlyDictionary<string, string>> GetAsync(string store, string name, CancellationToken cancellation) =>
        context.Policies.Outbound(store, "Secretstore").ExecuteAsync(_ => Task.FromResult(Store(store).Find(name) ?? throw Missing(store, name)), cancellation);

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        http.Map("secrets", "GET", "secrets/{store}/{key}", async (call, route) =>
        {
            var secret = await ReadAsync(route["store"], route["key"], call.RequestAborted);
            await call.WriteJsonAsync(JsonSerializer.SerializeToUtf8Bytes(secret));
        });
        http.Map("secrets", "GET", "secrets/{store}/bulk", (call, route) =>
            call.WriteJsonAsync(JsonSerializer.SerializeToUtf8Bytes(ReadAll(route["store"]))));
        grpc.Serve(DaprMethods.GetSecret, async (request, call) =>
        {
            var secret = await ReadAsync(request.StoreName, request.Key, call.CancellationToken);
            return new GetSecretResponse { Data = { Copy(secret) } };
        });
        grpc.Serve(DaprMethods.GetBulkSecret, (request, _) =>
        {
            var response = new GetBulkSecretResponse();
            foreach (var (name, secret) in ReadAll(request.StoreName))
                response.Data[name] = new SecretResponse { Secrets = { Copy(secret) } };
            return Task.FromResult(response);
        });
    }

    /// <summary>One secret, if the app may see it.</summary>
    private Task<IReadOnlyDictionary<string, string>> ReadAsync(string store, string name, CancellationToken cancellation)
    {
        Store(store);
        if (!scopes.Allows(store, name))
            throw new ApiException(403, StatusCode.PermissionDenied, "ERR_PERMISSION_DENIED", $"access denied by policy to get \"{name}\" from \"{store}\"");
        return GetAsync(store, name, cancellation);
    }

    private Dictionary<string, IReadOnlyDictionary<string, string>> ReadAll(string store) =>
        Store(store).All().Where(s => scopes.Allows(store, s.Key)).ToDictionary(StringComparer.Ordinal);

    private static Dictionary<string, string> Copy(IReadOnlyDictionary<string, string> secret) => new(secret, StringComparer.Ordinal);

    private ISecretStore Store(string name)
    {
        if (stores.IsEmpty)
            throw new ApiException(500, StatusCode.FailedPrecondition, "ERR_SECRET_STORES_NOT_CONFIGURED", "no secret store is configured");
        return stores.TryGetValue(name, out var store)
            ? store
            : throw new ApiException(401, StatusCode.InvalidArgument, "ERR_SECRET_STORE_NOT_FOUND", $"secret store {name} is not found");
    }

    private static ApiException Missing(string store, string name) =>
        new(500, StatusCode.Internal, "ERR_SECRET_GET", $"failed getting secret with key {name} from secret store {store}: there is no such secret");

    private FileSecretStore OpenFile(Component component)
    {
        if (component["secretsFile"] is not { Length: > 0 } file)
            throw component.Spec.Error("metadata `secretsFile` is missing", "Name the JSON file that holds the secrets.");
        var path = Path.GetFullPath(file, context.Options.WorkingDirectory);
        try
        {
            return new FileSecretStore(path, component["nestedSeparator"] is { Length: > 0 } separator ? separator : ":", component.IsTrue("multiValued"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw component.Spec.Error($"the secrets file cannot be read ({failure.Message})", $"Write a JSON object to {path}, or correct `secretsFile`.");
        }
    }
}
