namespace LocalDapr.Runtime.State.Stores;

/// <summary>state.in-memory: lives as long as the sidecar. Unlike the SQL stores it refuses a first-write delete of an existing key.</summary>
internal sealed class MemoryStateStore : IStateStore
{
    private readonly TimeProvider time;
    private readonly Lock items = new();
    private readonly Dictionary<string, StateValue> values = new(StringComparer.Ordinal);
    private readonly ITimer sweep;

    public MemoryStateStore(TimeProvider time)
    {
        this.time = time;
        sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public StateValue? Get(string key)
    {
        lock (items)
            return Live(key);
    }

    public IReadOnlyList<(string Key, byte[] Data)> List(string prefix, int limit)
    {
        lock (items)
            return [.. values.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(v => v.Key, StringComparer.Ordinal).Take(limit).Select(v => (v.Key, v.Value.Data))];
    }

    public Task WriteAsync(StateWrite write)
    {
        lock (items)
        {
            if (!Admits(write))
                return Task.FromException(new ETagMismatchException(write.Key));
            Apply(write);
        }
        return Task.CompletedTask;
    }

    public Task WriteAllAsync(IReadOnlyList<StateWrite> writes)
    {
        lock (items)
        {
            foreach (var write in writes)
            {
                if (!Admits(write))
                    return Task.FromException(new ETagMismatchException(write.Key));
            }
            foreach (var write in writes)
                Apply(write);
        }
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => sweep.DisposeAsync();

    private bool Admits(StateWrite write) => write switch
    {
        { HasETag: true } => Live(write.Key)?.ETag == write.ETag,
        { FirstWrite: true } => Live(write.Key) is null,
        _ => true,
    };

    private void Apply(StateWrite write)
    {
        if (write.Value is { } value)
            values[write.Key] = new StateValue(value.ToArray(), Guid.NewGuid().ToString(), write.TtlSeconds is { } ttl ? time.GetUtcNow().AddSeconds(ttl) : null);
        else
            values.Remove(write.Key);
    }

    private StateValue? Live(string key) => values.TryGetValue(key, out var value) && !(value.Expires <= time.GetUtcNow()) ? value : null;

    private void Sweep()
    {
        lock (items)
        {
            var now = time.GetUtcNow();
            foreach (var (key, value) in values)
            {
                if (value.Expires <= now)
                    values.Remove(key);
            }
        }
    }
}
