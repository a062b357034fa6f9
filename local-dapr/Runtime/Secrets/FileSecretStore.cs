using System.Text.Json;

namespace LocalDapr.Runtime.Secrets;

/// <summary>
/// secretstores.local.file (contract section 10): a JSON file, read once. Nested names are joined by <c>nestedSeparator</c>, list items
/// by their index; with <c>multiValued</c> each top-level member is one secret and only what lies below it is joined.
/// </summary>
internal sealed class FileSecretStore : ISecretStore
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> secrets = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="JsonException">The file is not a JSON object.</exception>
    public FileSecretStore(string path, string separator, bool multiValued)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("the secrets file is not a JSON object");
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var flat = new Dictionary<string, string>(StringComparer.Ordinal);
            if (multiValued)
            {
                Flatten(member.Value, "", member.Name, separator, flat);
                secrets[member.Name] = flat;
                continue;
            }
            Flatten(member.Value, member.Name, member.Name, separator, flat);
            foreach (var (name, value) in flat)
                secrets[name] = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value };
        }
    }

    public IReadOnlyDictionary<string, string>? Find(string name) => secrets.GetValueOrDefault(name);

    public IEnumerable<KeyValuePair<string, IReadOnlyDictionary<string, string>>> All() => secrets;

    private static void Flatten(JsonElement value, string path, string plainName, string separator, Dictionary<string, string> into)
    {
        var inside = path.Length == 0 ? "" : path + separator;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Flatten(member.Value, inside + member.Name, plainName, separator, into);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    Flatten(item, inside + index++, plainName, separator, into);
                break;
            default:
                into[path.Length == 0 ? plainName : path] = value.ValueKind switch
                {
                    JsonValueKind.Null => "",
                    JsonValueKind.String => value.GetString()!,
                    _ => value.GetRawText(),
                };
                break;
        }
    }
}
