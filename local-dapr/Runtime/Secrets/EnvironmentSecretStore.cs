using System.Collections;

namespace LocalDapr.Runtime.Secrets;

/// <summary>
/// secretstores.local.env (contract section 10): environment variables, their names without <paramref name="prefix"/>. The runtime's own
/// (APP_API_TOKEN, DAPR_*) are never given out; an unset variable is an empty secret.
/// </summary>
internal sealed class EnvironmentSecretStore(string prefix) : ISecretStore
{
    public IReadOnlyDictionary<string, string>? Find(string name) =>
        One(name, IsOwn(prefix + name) ? "" : Environment.GetEnvironmentVariable(prefix + name) ?? "");

    public IEnumerable<KeyValuePair<string, IReadOnlyDictionary<string, string>>> All()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var full = (string)variable.Key;
            if (full.StartsWith(prefix, StringComparison.Ordinal) && full.Length > prefix.Length && !IsOwn(full))
                yield return new(full[prefix.Length..], One(full[prefix.Length..], (string?)variable.Value ?? ""));
        }
    }

    private static bool IsOwn(string variable) =>
        variable.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, string> One(string name, string value) => new(StringComparer.Ordinal) { [name] = value };
}
