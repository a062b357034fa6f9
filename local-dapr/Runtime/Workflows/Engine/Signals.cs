namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>Wakes those who wait for an instance to come, to go, or to change its status.</summary>
internal sealed class Signals
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string App, string Id), Watch> watches = [];

    public Watch Enter(string app, string id)
    {
        lock (gate)
        {
            if (!watches.TryGetValue((app, id), out var watch))
                watches[(app, id)] = watch = new(this, (app, id));
            watch.Watchers++;
            return watch;
        }
    }

    public void Raise(string app, string id)
    {
        lock (gate)
        {
            if (watches.TryGetValue((app, id), out var watch))
                watch.Change();
        }
    }

    /// <summary>Anything may have changed.</summary>
    public void RaiseAll()
    {
        lock (gate)
        {
            foreach (var watch in watches.Values)
                watch.Change();
        }
    }

    internal sealed class Watch(Signals owner, (string, string) name) : IDisposable
    {
        private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Watchers { get; set; }

        /// <summary>Take it before looking at the instance; it completes with the next change.</summary>
        public Task Changed => Volatile.Read(ref changed).Task;

        public void Change() =>
            Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

        public void Dispose()
        {
            lock (owner.gate)
            {
                if (--Watchers == 0)
                    owner.watches.Remove(name);
            }
        }
    }
}
