using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>
/// The instances in memory, the least recently used idle ones dropped beyond <see cref="MaxBytes"/> of history. One with changes on their way
/// to the disk is always here, so what is not here is as the database says.
/// </summary>
internal sealed class InstanceCache(Database database, Func<DateTimeOffset> now)
{
    public const long MaxBytes = 24 << 20;

    // What an instance costs beside its history, measured: its objects, and what the garbage collector holds in reserve for them.
    private const int Overhead = 4096;

    private const int MaxTries = 16;

    private readonly Dictionary<long, Instance> byKey = [];
    private readonly Dictionary<(string App, string Id), Instance> byName = [];
    private readonly LinkedList<Instance> recency = new();

    private long bytes;

    public IEnumerable<Instance> All => byKey.Values;

    public Instance? Find(string app, string id)
    {
        if (byName.TryGetValue((app, id), out var loaded))
            return loaded.IsGone ? null : Use(loaded);
        return database.Read(c => c.FindInstance(app, id)) is { } row ? Load(row) : null;
    }

    public Instance? Find(long key)
    {
        if (byKey.TryGetValue(key, out var loaded))
            return loaded.IsGone ? null : Use(loaded);
        return database.Read(c => c.FindInstance(key)) is { } row ? Load(row) : null;
    }

    /// <summary>Only what is in memory.</summary>
    public Instance? Peek(string app, string id) => byName.GetValueOrDefault((app, id));

    /// <inheritdoc cref="Peek(string, string)"/>
    public Instance? Peek(long key) => byKey.GetValueOrDefault(key);

    public void Add(Instance instance)
    {
        byKey[instance.Key] = instance;
        byName[(instance.App, instance.Id)] = instance;
        instance.Recency = recency.AddLast(instance);
    }

    public void Remove(Instance instance)
    {
        if (byKey.Remove(instance.Key))
            bytes -= instance.Cost;
        instance.Cost = 0;
        if (byName.TryGetValue((instance.App, instance.Id), out var named) && named == instance)
            byName.Remove((instance.App, instance.Id));
        if (instance.Recency is { List: not null } node)
            recency.Remove(node);
    }

    public void Clear()
    {
        byKey.Clear();
        byName.Clear();
        recency.Clear();
        bytes = 0;
    }

    /// <summary>After a commit, or when there was nothing to do: finished instances go at once, others when the memory is needed.</summary>
    public void Settle(Instance instance)
    {
        if (Peek(instance.Key) != instance)
            return;
        if (instance.IsGone || (instance.IsFinished && instance.IsIdle))
        {
            Remove(instance);
            return;
        }
        Count(instance);
        for (var tries = 0; bytes > MaxBytes && tries < MaxTries && recency.First is { } oldest; tries++)
        {
            if (oldest.Value.IsIdle)
                Remove(oldest.Value);
            else
                Use(oldest.Value);
        }
    }

    private void Count(Instance instance)
    {
        var cost = instance.History.Past.Length + Overhead;
        bytes += cost - instance.Cost;
        instance.Cost = cost;
    }

    private Instance Use(Instance instance)
    {
        if (instance.Recency is { List: not null, Next: not null } node)
        {
            recency.Remove(node);
            recency.AddLast(node);
        }
        return instance;
    }

    private Instance Load(InstanceRow row)
    {
        var instance = new Instance(row.Key, row.App, row.Id)
        {
            Generation = row.Generation,
            Status = row.Status,
            CustomStatus = row.CustomStatus,
            StartAt = Times.FromTicks(row.StartAt),
            Expires = Times.FromTicks(row.Expires),
            Parent = row.Parent,
            Stalled = row.Stalled is { } stalled ? HistoryEvent.Parser.ParseFrom(stalled) : null,
        };
        if (!instance.IsFinished)
            LoadWork(instance);
        Add(instance);
        Count(instance);
        return instance;
    }

    private void LoadWork(Instance instance)
    {
        var key = instance.Key;
        database.Read(c =>
        {
            foreach (var chunk in c.History(key))
                instance.History.Append(chunk, History.Decode(chunk));
            instance.NextChunk = c.LastChunk(key) + 1;
            foreach (var (seq, e) in c.Inbox(key))
            {
                instance.Inbox.Add(new(seq, e.Length == 0 ? null : HistoryEvent.Parser.ParseFrom(e)) { HasTakenTimer = true });
                instance.NextSeq = seq + 1;
            }
            instance.Timers.AddRange(c.Timers(key).Select(t => new WaitingTimer(t.Id, HistoryEvent.Parser.ParseFrom(t.Event))));
            instance.Tasks.UnionWith(c.Tasks(key, instance.Generation));
            return true;
        });
        instance.FireDue(now);
    }
}
