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

    /// <summary>A sidecar of the app id in this process, in turn when the app has replicas; null when there is none.</summary>
    public Sidecar? Find(string appId)
    {
        var all = sidecars;
        var count = 0;
        Sidecar? only = null;
        foreach (var sidecar in all)
        {
            if (sidecar.Options.AppId == appId)
            {
                count++;
                only = sidecar;
            }
        }
        if (count < 2)
            return only;
        var turn = (uint)Interlocked.Increment(ref next) % count;
        return all.Where(s => s.Options.AppId == appId).ElementAt((int)turn);
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
