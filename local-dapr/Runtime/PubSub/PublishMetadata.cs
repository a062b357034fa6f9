using System.Globalization;
using LocalDapr.Runtime.Cli;

namespace LocalDapr.Runtime.PubSub;

/// <summary>What daprd itself reads from the metadata of a publish.</summary>
internal static class PublishMetadata
{
    public static string? Find(IReadOnlyDictionary<string, string> metadata, string name)
    {
        if (metadata.TryGetValue(name, out var exact))
            return exact;
        foreach (var (key, value) in metadata)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }

    /// <summary>Null when the value is no bool in Go's sense.</summary>
    public static bool? IsRaw(IReadOnlyDictionary<string, string> metadata) =>
        !metadata.TryGetValue("rawPayload", out var text) || text.Length == 0 ? false : GoBool(text);

    public static bool? GoBool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };

    /// <summary>ttlInSeconds or ttl: whole seconds (negative ones are ignored) or a Go duration, cut to seconds.</summary>
    public static TimeSpan? TimeToLive(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0 || (Find(metadata, "ttlInSeconds") ?? Find(metadata, "ttl")) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            return seconds is >= 0 and < int.MaxValue ? TimeSpan.FromSeconds(seconds) : null;
        return Quantity.TryParseDuration(text, out var duration) ? TimeSpan.FromSeconds(Math.Truncate(duration.TotalSeconds)) : null;
    }
}
