using System.Text.Json;

namespace LocalDapr.Runtime.Api;

/// <summary>Members as Go's encoding/json finds them, with which daprd reads bodies: their names in any case, and of several the last.</summary>
internal static class GoJson
{
    /// <returns>False when the object has no such member; one that is null is there.</returns>
    public static bool TryFind(JsonElement json, string name, out JsonElement value)
    {
        value = default;
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                value = member.Value;
        }
        return value.ValueKind is not JsonValueKind.Undefined;
    }
}
