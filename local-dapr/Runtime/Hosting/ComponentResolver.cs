using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Hosting;

/// <summary>Fills in the metadata of a component: environment, templates and secrets (contract section 18).</summary>
internal static class ComponentResolver
{
    /// <summary>Null when the component waits for a secret store that is not loaded: daprd then runs without it.</summary>
    public static async Task<Component?> ResolveAsync(ComponentSpec spec, SidecarContext context, CancellationToken cancellation)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in spec.Metadata)
        {
            var value = item switch
            {
                { SecretName: { } secret } => await SecretAsync(spec, context, secret, item.SecretKey ?? secret, cancellation),
                { EnvironmentVariable: { } variable } => FromEnvironment(variable),
                _ => item.Value,
            };
            if (value is null && item.SecretName is not null)
                return null;
            metadata[item.Name] = Expand(value ?? "", context.Options);
        }
        return new Component(spec, metadata);
    }

    private static async Task<string?> SecretAsync(ComponentSpec spec, SidecarContext context, string name, string key, CancellationToken cancellation)
    {
        var stores = context.Features.OfType<ISecretSource>().FirstOrDefault();
        if (stores is null || spec.SecretStore is not { Length: > 0 } store || !stores.Has(store))
            return null;
        IReadOnlyDictionary<string, string> secret;
        try
        {
            secret = await stores.GetAsync(store, name, cancellation);
        }
        catch (ApiException failure)
        {
            throw spec.Error(failure.Message, $"Add the secret to `{store}`, or correct `secretKeyRef`.");
        }
        return secret.TryGetValue(key, out var value) ? value : secret.Values.FirstOrDefault();
    }

    private static string FromEnvironment(string variable) =>
        variable == "APP_API_TOKEN" || variable.StartsWith("DAPR_", StringComparison.Ordinal) || variable.Contains(' ', StringComparison.Ordinal)
            ? ""
            : Environment.GetEnvironmentVariable(variable) ?? "";

    private static string Expand(string value, SidecarOptions options)
    {
        if (!value.Contains('{', StringComparison.Ordinal))
            return value;
        while (value.IndexOf("{uuid}", StringComparison.Ordinal) is >= 0 and var at)
            value = string.Concat(value.AsSpan(0, at), Guid.NewGuid().ToString(), value.AsSpan(at + "{uuid}".Length));
        return value
            .Replace("{podName}", Environment.GetEnvironmentVariable("POD_NAME") ?? "", StringComparison.Ordinal)
            .Replace("{namespace}", options.Namespace.Length > 0 ? $"{options.Namespace}.{options.AppId}" : options.AppId, StringComparison.Ordinal)
            .Replace("{appID}", options.AppId, StringComparison.Ordinal);
    }
}

/// <summary>The feature that other components get their secrets from.</summary>
public interface ISecretSource : ISidecarFeature
{
    bool Has(string store);

    /// <summary>The values of one secret by key. A missing secret throws.</summary>
    Task<IReadOnlyDictionary<string, string>> GetAsync(string store, string name, CancellationToken cancellation);
}
