using System.Collections.Concurrent;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Hosting;

/// <summary>
/// What all sidecars of this process share: the data folder, its databases, and each other. Features that must be one per process, such as the
/// embedded broker or the workflow engine, live here through <see cref="Shared{T}"/>.
/// </summary>
public sealed class LocalRuntime(RuntimeOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Type, Lazy<IAsyncDisposable>> shared = new();
    private readonly Lock sidecarsLock = new();
    private Sidecar[] sidecars = [];
    private int next;

    public RuntimeOptions Options { get; } = options;

    /// <summary>
    /// Completes when events and workflow items may be given to the apps. The run command holds them back until every app of the run file accepts calls:
    /// work left over from before a crash would else find its callees still starting, and open their breakers.
    /// </summary>
    public Task WorkAllowed { get; init; } = Task.CompletedTask;

    public TimeProvider Time { get; } = time;

    public IReadOnlyList<Sidecar> Sidecars => sidecars;

    /// <summary>A sidecar of the app id in this process; of replicas those in turn whose app is healthy, if any is. Null when there is none.</summary>
    public Sidecar? Find(string appId)
    {
        var all = sidecars;
        var (count, healthy) = (0, 0);
        Sidecar? only = null;
        foreach (var sidecar in all)
        {
            if (sidecar.Options.AppId != appId)
                continue;
            count++;
            only = sidecar;
            healthy += sidecar.Context.App.IsHealthy ? 1 : 0;
        }
        if (count < 2)
            return only;
        var turn = (uint)Interlocked.Increment(ref next);
        var replicas = all.Where(sidecar => sidecar.Options.AppId == appId && (healthy == 0 || sidecar.Context.App.IsHealthy)).ToArray();
        return replicas.Length > 0 ? replicas[turn % replicas.Length] : only;
    }

    /// <summary>The one <typeparamref name="T"/> of this process, made on first use and disposed of after all sidecars.</summary>
    public T Shared<T>(Func<LocalRuntime, T> create)
        where T : IAsyncDisposable =>
        (T)shared.GetOrAdd(typeof(T), _ => new Lazy<IAsyncDisposable>(() => create(this))).Value;

    /// <summary>Opens a database of the data folder. The caller owns it.</summary>
    public Database OpenDatabase(string name, string schema) =>
        Database.Open(Path.Combine(Options.DataDirectory, name + ".db"), Options.Durability, schema);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in shared.Values.Where(s => s.IsValueCreated))
            await one.Value.DisposeAsync();
    }

    internal void Add(Sidecar sidecar)
    {
        lock (sidecarsLock)
            sidecars = [.. sidecars, sidecar];
    }

    internal void Remove(Sidecar sidecar)
    {
        lock (sidecarsLock)
            sidecars = [.. sidecars.Where(s => s != sidecar)];
    }
}
