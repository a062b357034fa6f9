using System.Threading.Channels;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>Saves the progress of the groups: all that changed while the last save ran goes into one write.</summary>
internal sealed partial class ProgressWriter : IAsyncDisposable
{
    private readonly Database database;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Channel<ConsumerGroup> changed = Channel.CreateUnbounded<ConsumerGroup>(new() { SingleReader = true });
    private readonly Task loop;

    public ProgressWriter(Database database, TimeProvider time, ILogger log)
    {
        (this.database, this.time, this.log) = (database, time, log);
        loop = Task.Run(SaveAsync);
    }

    /// <summary>Called once for each turn from saved to changed.</summary>
    public void Changed(ConsumerGroup group) => changed.Writer.TryWrite(group);

    public async ValueTask DisposeAsync()
    {
        changed.Writer.TryComplete();
        await loop;
    }

    private async Task SaveAsync()
    {
        while (await changed.Reader.WaitToReadAsync())
        {
            var groups = new List<(ConsumerGroup Group, GroupProgress Progress)>();
            while (changed.Reader.TryRead(out var group))
                groups.Add((group, group.TakeProgress()));
            try
            {
                await database.WriteAsync(connection =>
                {
                    foreach (var (_, progress) in groups)
                        EventStore.Save(connection, progress);
                });
            }
            catch (SqliteException failure)
            {
                Log.NotSaved(log, failure.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time);
                foreach (var (group, progress) in groups)
                    group.ReturnProgress(progress);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "the progress of consumer groups is not saved yet: {Problem}")]
        public static partial void NotSaved(ILogger logger, string problem);
    }
}
