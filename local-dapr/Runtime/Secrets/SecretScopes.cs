using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Secrets;

/// <summary>Which secrets the app may read: <c>spec.secrets.scopes</c> of the Configuration (contract section 10). allowedSecrets beats deniedSecrets.</summary>
internal sealed class SecretScopes(DaprConfiguration configuration)
{
    private readonly Dictionary<string, Scope> scopes = Read(configuration);

    public bool Allows(string store, string name) => !scopes.TryGetValue(store, out var scope) || scope.Allows(name);

    private static Dictionary<string, Scope> Read(DaprConfiguration configuration)
    {
        var scopes = new Dictionary<string, Scope>(StringComparer.Ordinal);
        foreach (var item in configuration.Spec.Items("secrets.scopes"))
        {
            scopes[item.Text("storeName") ?? ""] = new Scope(
                string.Equals(item.Text("defaultAccess"), "deny", StringComparison.OrdinalIgnoreCase),
                [.. item.Texts("allowedSecrets")],
                [.. item.Texts("deniedSecrets")]);
        }
        return scopes;
    }

    private sealed record Scope(bool DeniesByDefault, HashSet<string> Allowed, HashSet<string> Denied)
    {
        public bool Allows(string name) => Allowed.Count > 0 ? Allowed.Contains(name) : !DeniesByDefault && !Denied.Contains(name);
    }
}
