using System.Text.Json;
using LocalDapr.Runtime.State;

namespace LocalDapr.Runtime.Configuration;

/// <summary>One entry of a configuration store.</summary>
internal sealed record ConfigurationEntry(string Value, string Version, IReadOnlyDictionary<string, string> Metadata)
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <summary>What subscribers get for a key that is gone.</summary>
    public static readonly ConfigurationEntry Deleted = new("", "", NoMetadata);

    /// <summary>The text of configuration.redis: <c>value||version</c>, anything behind a second separator is ignored.</summary>
    public static ConfigurationEntry Parse(string text)
    {
        var parts = text.Split(KeyPrefix.Separator);
        return new ConfigurationEntry(parts[0], parts.Length > 1 ? parts[1] : "", NoMetadata);
    }

    public static ConfigurationEntry Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return Parse(json.ToString());
        string Text(string name) => json.TryGetProperty(name, out var member) ? member.ToString() : "";
        var metadata = json.TryGetProperty("metadata", out var members) && members.ValueKind == JsonValueKind.Object
            ? members.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.ToString(), StringComparer.Ordinal)
            : NoMetadata;
        return new ConfigurationEntry(Text("value"), Text("version"), metadata);
    }

    public bool SameAs(ConfigurationEntry other) => Value == other.Value && Version == other.Version && Metadata.SequenceEqual(other.Metadata);
}

/// <summary>
/// The built-in engine's configuration store: a JSON file in the data folder that any editor changes, <c>{"key": "value||version"}</c> or
/// <c>{"key": {"value", "version", "metadata"}}</c>. A change of the file is a change of the store; a file that is no JSON changes nothing.
/// </summary>
internal sealed partial class ConfigurationFile : IDisposable
{
    private readonly string path;
    private readonly ILogger log;
    private readonly FileSystemWatcher watcher;
    private readonly Lock reading = new();
    private Dictionary<string, ConfigurationEntry> entries = new(StringComparer.Ordinal);

    public ConfigurationFile(string path, ILogger log)
    {
        (this.path, this.log) = (path, log);
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(path)!).FullName;
        watcher = new FileSystemWatcher(folder, Path.GetFileName(path)) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size };
        watcher.Changed += (_, _) => Reload();
        watcher.Created += (_, _) => Reload();
        watcher.Deleted += (_, _) => Reload();
        watcher.Renamed += (_, _) => Reload();
        watcher.EnableRaisingEvents = true;
        Reload();
    }

    /// <summary>Raised with what is new, changed or <see cref="ConfigurationEntry.Deleted"/>, one change of the file at a time.</summary>
    public event Action<IReadOnlyDictionary<string, ConfigurationEntry>>? Changed;

    public IReadOnlyDictionary<string, ConfigurationEntry> Entries => entries;

    public void Dispose() => watcher.Dispose();

    private void Reload()
    {
        lock (reading)
        {
            if (Read() is not { } next)
                return;
            var changes = new Dictionary<string, ConfigurationEntry>(StringComparer.Ordinal);
            foreach (var (key, entry) in next)
            {
                if (!entries.TryGetValue(key, out var old) || !old.SameAs(entry))
                    changes[key] = entry;
            }
            foreach (var key in entries.Keys.Where(key => !next.ContainsKey(key)))
                changes[key] = ConfigurationEntry.Deleted;
            entries = next;
            if (changes.Count > 0)
                Changed?.Invoke(changes);
        }
    }

    private Dictionary<string, ConfigurationEntry>? Read()
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            // An editor has truncated the file and is about to write it.
            if (bytes.Length == 0)
                return null;
            using var document = JsonDocument.Parse(bytes, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => ConfigurationEntry.Read(m.Value), StringComparer.Ordinal);
        }
        catch (FileNotFoundException)
        {
            return new(StringComparer.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or ArgumentException)
        {
            Log.Unreadable(log, path, failure.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was changed, but cannot be used: {Problem}")]
        public static partial void Unreadable(ILogger logger, string path, string problem);
    }
}
