using System.Threading.Channels;

namespace LocalDapr.Runtime.Configuration;

/// <summary>One subscriber: the changes of its keys (of all when it names none), in their order. Dispose of it to end it.</summary>
internal sealed class ConfigurationSubscription : IDisposable
{
    private readonly ConfigurationFile file;
    private readonly HashSet<string> keys;
    private readonly Channel<IReadOnlyDictionary<string, ConfigurationEntry>> changes = Channel.CreateUnbounded<IReadOnlyDictionary<string, ConfigurationEntry>>();

    public ConfigurationSubscription(string store, ConfigurationFile file, IEnumerable<string> keys)
    {
        (Store, this.file, this.keys) = (store, file, new HashSet<string>(keys, StringComparer.Ordinal));
        file.Changed += Take;
    }

    public string Id { get; } = Guid.NewGuid().ToString();

    public string Store { get; }

    public IAsyncEnumerable<IReadOnlyDictionary<string, ConfigurationEntry>> ReadAllAsync(CancellationToken cancellation) => changes.Reader.ReadAllAsync(cancellation);

    public void Dispose()
    {
        file.Changed -= Take;
        changes.Writer.TryComplete();
    }

    private void Take(IReadOnlyDictionary<string, ConfigurationEntry> changed)
    {
        foreach (var (key, entry) in changed)
        {
            if (keys.Count == 0 || keys.Contains(key))
                changes.Writer.TryWrite(new Dictionary<string, ConfigurationEntry>(StringComparer.Ordinal) { [key] = entry });
        }
    }
}
