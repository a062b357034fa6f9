using System.Threading.Channels;

namespace LocalDapr.Runtime.Hosting;

/// <summary>
/// Tells when files of resource folders change: hot reload (contract section 16). One watch a folder for the whole process, however many
/// sidecars share it; changes that come together are told once.
/// </summary>
internal sealed partial class ResourceWatcher(ILogger log) : IAsyncDisposable
{
    private readonly Dictionary<string, FileSystemWatcher> folders = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private event Action<string>? Touched;

    /// <summary>Calls <paramref name="changed"/>, one call at a time, after files of the folders changed, until the token is cancelled.</summary>
    public async Task RunAsync(IEnumerable<string> paths, Func<Task> changed, TimeProvider time, CancellationToken cancellation)
    {
        var watched = paths.Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        var signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Signal(string folder)
        {
            if (watched.Contains(folder))
                signals.Writer.TryWrite(true);
        }
        Touched += Signal;
        try
        {
            foreach (var path in watched)
                Watch(path);
            while (await signals.Reader.WaitToReadAsync(cancellation))
            {
                // An editor writes a file in several steps, a deployment several files.
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
                signals.Reader.TryRead(out _);
                await changed();
            }
        }
        finally
        {
            Touched -= Signal;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            foreach (var watcher in folders.Values)
                watcher.Dispose();
            folders.Clear();
        }
        return ValueTask.CompletedTask;
    }

    private void Watch(string folder)
    {
        lock (gate)
        {
            if (folders.ContainsKey(folder))
                return;
            try
            {
                var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size };
                watcher.Changed += (_, _) => Touched?.Invoke(folder);
                watcher.Created += (_, _) => Touched?.Invoke(folder);
                watcher.Deleted += (_, _) => Touched?.Invoke(folder);
                watcher.Renamed += (_, _) => Touched?.Invoke(folder);
                watcher.EnableRaisingEvents = true;
                folders[folder] = watcher;
            }
            catch (Exception failure) when (failure is IOException or ArgumentException)
            {
                Log.NotWatched(log, folder, failure.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "changes in {Folder} are not seen before a restart: {Problem}")]
        public static partial void NotWatched(ILogger logger, string folder, string problem);
    }
}
