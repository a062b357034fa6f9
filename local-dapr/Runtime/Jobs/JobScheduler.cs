using System.Collections.Concurrent;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Jobs;

/// <summary>Hands a due job to the app: true when that counts as done.</summary>
internal delegate Task<bool> JobReceiver(Job job, CancellationToken cancellation);

/// <summary>
/// The jobs of all apps of this process, kept on disk. A job that is due while its app is away is delivered when it is back, at least once: progress is
/// written after the delivery.
/// </summary>
internal sealed partial class JobScheduler : IAsyncDisposable
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS job(
            app TEXT, name TEXT, version INTEGER NOT NULL, job BLOB NOT NULL, due INTEGER NOT NULL, expires INTEGER, done INTEGER NOT NULL,
            PRIMARY KEY(app, name)) WITHOUT ROWID;
        """;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly Database database;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ITimer timer;
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<(string App, string Name), ScheduledJob> jobs = [];
    private readonly PriorityQueue<ScheduledJob, DateTimeOffset> queue = new();
    private readonly ConcurrentDictionary<string, JobReceiver> receivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ScheduledJob>> parked = new(StringComparer.Ordinal);
    private long lastVersion;

    public JobScheduler(Database database, TimeProvider time, ILogger log)
    {
        (this.database, this.time, this.log) = (database, time, log);
        timer = time.CreateTimer(_ => RunDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var job in database.Read(c => c.Query("SELECT app, version, job, due, expires, done FROM job", Read)))
        {
            lastVersion = Math.Max(lastVersion, job.Version);
            Put(job);
        }
        Arm();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await timer.DisposeAsync();
        await database.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>From now on the app takes its jobs; those that were due meanwhile come at once.</summary>
    public void Attach(string app, JobReceiver receiver)
    {
        receivers[app] = receiver;
        List<ScheduledJob>? waiting;
        lock (gate)
            parked.Remove(app, out waiting);
        foreach (var job in waiting ?? [])
            _ = DeliverAsync(job);
    }

    public void Detach(string app) => receivers.TryRemove(app, out _);

    /// <summary>False when the name is taken and <paramref name="overwrite"/> is not set.</summary>
    /// <exception cref="FormatException">A time or the schedule cannot be read.</exception>
    public async Task<bool> ScheduleAsync(string app, Job job, bool overwrite)
    {
        Task written;
        ScheduledJob scheduled;
        lock (gate)
        {
            if (!overwrite && jobs.ContainsKey((app, job.Name)))
                return false;
            scheduled = ScheduledJob.Create(app, job, ++lastVersion, time.GetUtcNow());
            jobs[(app, job.Name)] = scheduled;
            written = WriteAsync(scheduled);
        }
        await written;
        lock (gate)
        {
            // Only what is on disk may run.
            if (IsCurrent(scheduled))
                Put(scheduled);
            Arm();
        }
        return true;
    }

    public Job? Get(string app, string name)
    {
        lock (gate)
            return jobs.GetValueOrDefault((app, name))?.Job;
    }

    public IReadOnlyList<Job> List(string app)
    {
        lock (gate)
            return [.. jobs.Values.Where(j => j.App == app).Select(j => j.Job).OrderBy(j => j.Name, StringComparer.Ordinal)];
    }

    public async Task DeleteAsync(string app, Func<string, bool> names)
    {
        List<Task> written = [];
        lock (gate)
        {
            foreach (var job in jobs.Values.Where(j => j.App == app && names(j.Job.Name)).ToArray())
            {
                jobs.Remove((app, job.Job.Name));
                written.Add(RemoveAsync(job));
            }
        }
        await Task.WhenAll(written);
    }

    private static ScheduledJob Read(SqliteDataReader row) => new(
        row.GetString(0),
        Job.Parser.ParseFrom(row.GetFieldValue<byte[]>(2)),
        row.GetInt64(1),
        new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero),
        row.IsDBNull(4) ? null : new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero),
        (uint)row.GetInt64(5));

    private Task WriteAsync(ScheduledJob job) => database.WriteAsync(c =>
    {
        c.Execute("INSERT OR REPLACE INTO job(app, name, version, job, due, expires, done) VALUES($1, $2, $3, $4, $5, $6, $7)",
            job.App, job.Job.Name, job.Version, job.Job.ToByteArray(), job.Due.UtcTicks, job.Expires?.UtcTicks, (long)job.Done);
    });

    private Task RemoveAsync(ScheduledJob job) => database.WriteAsync(c =>
    {
        c.Execute("DELETE FROM job WHERE app = $1 AND name = $2 AND version <= $3", job.App, job.Job.Name, job.Version);
    });

    private void Put(ScheduledJob job)
    {
        jobs[(job.App, job.Job.Name)] = job;
        queue.Enqueue(job, job.Due);
    }

    private bool IsCurrent(ScheduledJob job) => jobs.TryGetValue((job.App, job.Job.Name), out var current) && current.Version == job.Version;

    private void Arm()
    {
        while (queue.TryPeek(out var job, out var due))
        {
            if (!IsCurrent(job))
            {
                queue.Dequeue();
                continue;
            }
            var wait = due - time.GetUtcNow();
            timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            return;
        }
    }

    private void RunDue()
    {
        lock (gate)
        {
            while (queue.TryPeek(out var job, out var due) && (due <= time.GetUtcNow() || !IsCurrent(job)))
            {
                queue.Dequeue();
                if (IsCurrent(job))
                    _ = DeliverAsync(job);
            }
            Arm();
        }
    }

    private async Task DeliverAsync(ScheduledJob job)
    {
        await Task.Yield();
        try
        {
            for (var failures = 0; ;)
            {
                if (!receivers.TryGetValue(job.App, out var receive))
                {
                    Park(job);
                    return;
                }
                lock (gate)
                {
                    if (!IsCurrent(job))
                        return;
                }
                if (job.Expires <= time.GetUtcNow() || await receive(job.Job, stopping.Token))
                    break;
                if (!receivers.ContainsKey(job.App))
                    continue;
                if (job.RetryAfter(++failures) is not { } pause)
                    break;
                await Task.Delay(pause, time, stopping.Token);
            }
            await AdvanceAsync(job);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            Log.Failed(log, job.Job.Name, failure);
        }
    }

    private void Park(ScheduledJob job)
    {
        lock (gate)
        {
            if (!parked.TryGetValue(job.App, out var waiting))
                parked[job.App] = waiting = [];
            waiting.Add(job);
        }
        // The app may have come between the look and the parking.
        if (receivers.TryGetValue(job.App, out var receiver))
            Attach(job.App, receiver);
    }

    private async Task AdvanceAsync(ScheduledJob job)
    {
        Task written;
        lock (gate)
        {
            if (!IsCurrent(job))
                return;
            var next = job.Expires <= time.GetUtcNow() ? null : job.Next(time.GetUtcNow());
            if (next is null)
            {
                jobs.Remove((job.App, job.Job.Name));
                written = RemoveAsync(job);
            }
            else
            {
                lastVersion = Math.Max(lastVersion, next.Version);
                Put(next);
                Arm();
                written = WriteAsync(next);
            }
        }
        await written;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Job {Name} could not be run; it comes again with the next start.")]
        public static partial void Failed(ILogger logger, string name, Exception failure);
    }
}
