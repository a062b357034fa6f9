using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>Bodies for the routes that take JSON: right ones with something wrong in them, and what is no JSON at all.</summary>
internal static class WrongJson
{
    /// <summary>By the end of the route that takes them; a route that is not here gets them all.</summary>
    private static readonly (string Route, string Body)[] WellFormed =
    [
        ("state/{store}", """[{"key":"k","value":{"a":[1,"x"]},"etag":"1","metadata":{"ttlInSeconds":"5"},"options":{"concurrency":"first-write","consistency":"strong"},"contentType":"application/json"}]"""),
        ("{store}/bulk", """{"keys":["k","l"],"parallelism":10,"metadata":{}}"""),
        ("{store}/transaction", """{"operations":[{"operation":"upsert","request":{"key":"k","value":1,"metadata":{}}},{"operation":"delete","request":{"key":"l","etag":"1"}}],"metadata":{}}"""),
        ("{store}/query", """{"filter":{"EQ":{"a":1}},"sort":[],"page":{"limit":2}}"""),
        ("publish/{pubsub}/{topic...}", """{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"a":1},"traceparent":"00-11111111111111111111111111111111-2222222222222222-01","expiration":"2030-01-01T00:00:00Z"}"""),
        ("bulk/{pubsub}/{topic...}", """[{"entryId":"1","event":{"a":1},"contentType":"application/json","metadata":{"rawPayload":"false"}},{"entryId":"2","event":"aGk=","contentType":"application/octet-stream"}]"""),
        ("bindings/{name}", """{"operation":"create","data":"x","metadata":{"fileName":"f","path":"/p"}}"""),
        ("lock/{store}", """{"resourceId":"r","lockOwner":"me","expiryInSeconds":1}"""),
        ("jobs/{name}", """{"schedule":"@every 1h","repeats":3,"dueTime":"1h","ttl":"2h","data":{"a":1},"overwrite":true,"failurePolicy":{"constant":{"interval":"1s","maxRetries":3}}}"""),
        ("jobs/{name}", """{"schedule":"0 30 * * * *","data":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"5s"},"overwrite":true,"failurePolicy":{"drop":{}}}"""),
    ];

    public static byte[] Create(Random random, string route = "")
    {
        var own = WellFormed.Where(w => route.EndsWith(w.Route, StringComparison.Ordinal)).ToArray();
        var right = random.GetItems(own.Length > 0 && random.Next(4) > 0 ? own : WellFormed, 1)[0].Body;
        return random.Next(12) switch
        {
            0 => Scraps.Bytes(random, 200),
            1 => Encoding.UTF8.GetBytes(Deep(random)),
            2 => Encoding.UTF8.GetBytes(right[..random.Next(right.Length)]),
            3 => Scraps.Damaged(random, Encoding.UTF8.GetBytes(right)),
            4 or 5 => WithBadText(random, right),
            6 => Encoding.UTF8.GetBytes(Doubled(random, right)),
            7 => Encoding.UTF8.GetBytes(Value(random, 3)?.ToJsonString() ?? "null"),
            _ => Encoding.UTF8.GetBytes(Reshaped(random, right)),
        };
    }

    private static string Deep(Random random)
    {
        var depth = random.GetItems([60, 64, 65, 99, 101, 998, 1000, 1001, 20_000], 1)[0];
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"data\":", "}");
        var deep = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
        return random.Next(2) == 0 ? deep : $$"""[{"key":"deep","value":{{deep}}}]""";
    }

    /// <summary>Half a surrogate pair, or bytes that are no UTF-8, inside of a string or a name.</summary>
    private static byte[] WithBadText(Random random, string right)
    {
        byte[][] bad = [[0xFF], [0xC3], [0xED, 0xA0, 0x80], "\\ud800"u8.ToArray(), "\\udc00x"u8.ToArray(), [0xF4, 0x90, 0x80, 0x80]];
        var quotes = Enumerable.Range(0, right.Length).Where(i => right[i] == '"').ToArray();
        var at = random.GetItems(quotes, 1)[0] + 1;
        return [.. Encoding.UTF8.GetBytes(right[..at]), .. random.GetItems(bad, 1)[0], .. Encoding.UTF8.GetBytes(right[at..])];
    }

    /// <summary>The same member twice in every object.</summary>
    private static string Doubled(Random random, string right)
    {
        var name = random.GetItems(["key", "data", "operation", "schedule", "metadata", "x"], 1)[0];
        return right.Replace("{\"", $"{{\"{name}\":1,\"{name}\":\"y\",\"", StringComparison.Ordinal);
    }

    /// <summary>One or two places hold another kind of value, or nothing.</summary>
    private static string Reshaped(Random random, string right)
    {
        var root = JsonNode.Parse(right)!;
        for (var times = random.Next(1, 3); times > 0; times--)
        {
            var places = Places(root).ToArray();
            if (places.Length == 0)
                break;
            var place = random.GetItems(places, 1)[0];
            if (place.Parent is JsonObject parent)
                parent[place.Name] = Instead(random, parent[place.Name]);
            else
                ((JsonArray)place.Parent)[place.Index] = Instead(random, place.Parent[place.Index]);
        }
        return root.ToJsonString(random.Next(2) == 0 ? null : new JsonSerializerOptions { WriteIndented = true });
    }

    private static IEnumerable<(JsonNode Parent, string Name, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(m => Places(m.Value).Prepend((o, m.Key, 0))),
        JsonArray a => Enumerable.Range(0, a.Count).SelectMany(i => Places(a[i]).Prepend((a, "", i))),
        _ => [],
    };

    /// <summary>Of the same kind as often as not.</summary>
    private static JsonNode? Instead(Random random, JsonNode? old) => (old?.GetValueKind(), random.Next(2)) switch
    {
        (JsonValueKind.String, 0) => Scraps.Text(random),
        (JsonValueKind.Number, 0) => random.Next(4) == 0 ? JsonNode.Parse("1e999") : Scraps.Number(random),
        _ => Value(random, 2),
    };

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => Scraps.Number(random),
        3 => JsonNode.Parse("1e999"),
        4 => Scraps.Text(random),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(3)).Select(i => KeyValuePair.Create($"{Scraps.Text(random)}{i}", Value(random, depth - 1)))),
    };
}
