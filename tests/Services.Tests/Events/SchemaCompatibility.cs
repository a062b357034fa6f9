using System.Text.Json.Nodes;

namespace Quayside.Services.Tests.Events;

/// <summary>
/// What may change in a schema that was released. Both sides must go on: a consumer with the released schema reads what is published tomorrow, and
/// tomorrow's code reads what was stored under it. So only one thing may: an optional member is added.
/// </summary>
internal static class SchemaCompatibility
{
    public const string Cure = "Raise schemaVersion, add an upcaster and a schema file for the new version, and leave the released file as it was (docs/events.md).";

    /// <returns>A sentence for each breaking change; none if there is none.</returns>
    public static IReadOnlyList<string> Check(string name, JsonObject released, JsonObject? today) => today is null
        ? [$"{name} was released and is gone. Events of it are stored and published for ever: keep the file."]
        : [.. Compare("", SchemaShape.Plain(released), SchemaShape.Plain(today)).Select(change => $"{name}: {change} {Cure}")];

    private static IEnumerable<string> Compare(string path, JsonObject released, JsonObject today)
    {
        var where = path.Length == 0 ? "the payload" : path;
        if (Type(where, released, today) is { } type)
            yield return type;
        foreach (var change in Values(where, released["enum"] as JsonArray, today["enum"] as JsonArray))
            yield return change;
        foreach (var change in Members(path, released, today))
            yield return change;
        if (released["items"] is JsonObject before && today["items"] is JsonObject now)
        {
            foreach (var change in Compare($"{path}[]", before, now))
                yield return change;
        }
        foreach (var keyword in released.Concat(today).Select(each => each.Key).Distinct().Except(["type", "enum", "properties", "required"]).Order(StringComparer.Ordinal))
        {
            if (released[keyword] is JsonObject && today[keyword] is JsonObject && keyword == "items")
                continue;
            if (!JsonNode.DeepEquals(released[keyword], today[keyword]))
                yield return $"'{keyword}' of {where} was {Text(released[keyword])} and is {Text(today[keyword])}.";
        }
    }

    private static string? Type(string where, JsonObject released, JsonObject today)
    {
        var (before, now) = (SchemaShape.Types(released), SchemaShape.Types(today));
        if (before.SequenceEqual(now))
            return null;
        var what = before.All(now.Contains) && before.Count > 0 ? "was widened: consumers do not expect all of it"
            : now.All(before.Contains) && now.Count > 0 ? "was narrowed: stored events have all of it"
            : "was changed";
        return $"the type of {where} {what} ({Types(before)} -> {Types(now)}).";

        static string Types(IReadOnlyList<string> types) => types.Count == 0 ? "any" : string.Join(" or ", types);
    }

    private static IEnumerable<string> Values(string where, JsonArray? released, JsonArray? today)
    {
        if (released is null && today is null)
            yield break;
        if (released is null || today is null)
        {
            yield return $"the values of {where} {(released is null ? "were not listed and are now: stored events may have others" : "are not listed any more: consumers do not expect others")}.";
            yield break;
        }

        foreach (var gone in released.Where(value => !today.Any(other => JsonNode.DeepEquals(value, other))))
            yield return $"the value {Text(gone)} of {where} was removed: stored events have it.";
        foreach (var added in today.Where(value => !released.Any(other => JsonNode.DeepEquals(value, other))))
            yield return $"the value {Text(added)} of {where} was added: consumers do not expect it.";
    }

    private static IEnumerable<string> Members(string path, JsonObject released, JsonObject today)
    {
        var (before, now) = (SchemaShape.Properties(released).ToDictionary(), SchemaShape.Properties(today).ToDictionary());
        var (mustBefore, mustNow) = (SchemaShape.Required(released), SchemaShape.Required(today));
        foreach (var (name, schema) in before)
        {
            var member = path.Length == 0 ? name : $"{path}.{name}";
            if (!now.TryGetValue(name, out var other))
            {
                yield return $"the {(mustBefore.Contains(name) ? "required" : "optional")} member {member} was removed: consumers read it.";
                continue;
            }
            foreach (var change in Compare(member, schema, other))
                yield return change;
        }

        foreach (var name in mustNow.Except(mustBefore))
            yield return $"the member {Path(name)} {(before.ContainsKey(name) ? "was optional and is required" : "was added as a required one")}: stored events may lack it.";
        foreach (var name in mustBefore.Except(mustNow).Where(now.ContainsKey))
            yield return $"the member {Path(name)} was required and is optional: consumers rely on it.";

        string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "not there";
}
