using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>The names that stand for volatile values in recorded conversations, and the two ways between them and messages.</summary>
internal sealed partial class WireValues
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    // The recorder showed ids even when 0, and did not know these fields.
    private static readonly HashSet<string> ZeroIds = ["eventId", "id", "taskId", "taskScheduledId", "timerId"];
    private static readonly HashSet<string> Unknown = ["startedAt", "parentAppId", "completionToken"];

    private readonly Dictionary<string, string> values = [];

    /// <summary>The request as sent: each name replaced by a value that stays the same for the conversation.</summary>
    public T Parse<T>(JsonNode? json, MessageParser<T> parser) where T : IMessage<T>
    {
        var text = Name().Replace(json?.ToJsonString(Plain) ?? "{}", m => values.TryGetValue(m.Value, out var known) ? known : values[m.Value] = Make(m.Groups[1].Value));
        return parser.ParseJson(text);
    }

    public static string Text(JsonNode node) => node.ToJsonString(Plain);

    public JsonNode Show(IMessage message) => Normal(JsonNode.Parse(Formatter.Format(message))!, "");

    /// <summary>Both sides in one form: names for volatile values, no zero ids.</summary>
    public JsonNode Normal(JsonNode node, string name)
    {
        switch (node)
        {
            case JsonObject o:
                var result = new JsonObject();
                foreach (var (key, value) in o.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    if (Unknown.Contains(key) || value is null || (ZeroIds.Contains(key) && value.ToJsonString() == "0") || IsRunning(value) || value.GetValueKind() == JsonValueKind.False)
                        continue;
                    result[key] = Normal(value, key);
                }
                return name == "version" && result["patches"] is not null ? new JsonObject { ["patches"] = result["patches"]!.DeepClone() } : result;
            case JsonArray a:
                return new JsonArray([.. a.Select(i => Normal(i!, name))]);
            default:
                return node.GetValueKind() == JsonValueKind.String ? JsonValue.Create(Shown((string)node!, name)) : node.DeepClone();
        }
    }

    [GeneratedRegex("<([a-z0-9 +-]+)>")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[\d:.]+Z$")]
    private static partial Regex Time();

    private static string Make(string name)
    {
        if (name == "traceparent 01")
            return "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var seconds = name switch
        {
            "forever" => double.NaN,
            "deadline" => 1.5,
            "plain" => 0.6,
            "new timer" => 2,
            "past-60s" => -60,
            "start+3s" => 5,
            _ => 0.8,
        };
        return double.IsNaN(seconds) ? "9999-12-31T23:59:59.999999999Z" : DateTime.UtcNow.AddSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
    }

    // The first value of the enum is not written.
    private static bool IsRunning(JsonNode value) => value.GetValueKind() == JsonValueKind.String && (string)value! == "ORCHESTRATION_STATUS_RUNNING";

    private string Shown(string text, string name)
    {
        if (values.FirstOrDefault(v => Same(v.Value, text)) is { Key: { } known } && name != "timestamp")
            return known;
        if (name == "workflowSpanID")
            return "<span>";
        if (name == "timestamp" || (Time().IsMatch(text) && name is "createdTimestamp" or "lastUpdatedTimestamp" or "createdAt" or "lastUpdatedAt"))
            return "<time>";
        return Uuid().IsMatch(text) ? "<uuid>" : text;
    }

    private static bool Same(string value, string text) =>
        value == text || (Time().IsMatch(value) && Time().IsMatch(text) && DateTime.TryParse(text, CultureInfo.InvariantCulture, out var a) && DateTime.TryParse(value, CultureInfo.InvariantCulture, out var b) && a == b);
}
