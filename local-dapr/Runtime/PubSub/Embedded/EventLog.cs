using System.Collections.Concurrent;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>
/// The embedded broker, one per process: a durable log in <c>pubsub.db</c>. A publish is acknowledged after its commit; concurrent ones share a
/// commit. At-least-once, ordered per <c>partitionKey</c>. Nothing runs while nothing happens.
/// </summary>
internal sealed partial class EventLog : IAsyncDisposable
{
    private readonly Database database;
    private readonly ProgressWriter progress;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<(string Component, string Topic), TopicLog> topics = new();
    private readonly ConcurrentDictionary<(TopicLog Topic, string Group), Lazy<Task<ConsumerGroup>>> groups = new();
    private readonly Lock trimGate = new();
    private Task trimming = Task.CompletedTask;
    private long lastOffset;
    private int untilTrim = Retention.Every;

    private EventLog(LocalRuntime runtime, ILogger log)
    {
        this.log = log;
        Time = runtime.Time;
        Faults = new Faults(runtime.Options.Faults);
        database = runtime.OpenDatabase("pubsub", EventStore.Schema);
        lastOffset = database.Read(EventStore.LastOffset);
        progress = new ProgressWriter(database, Time, log);
        StartTrimming();
    }

    public TimeProvider Time { get; }

    public Faults Faults { get; }

    public static EventLog Of(LocalRuntime runtime, ILoggerFactory loggers) => runtime.Shared(r => new EventLog(r, loggers.CreateLogger("dapr.broker")));

    /// <summary>Completes when the event is committed. The order of the calls is the order of the offsets.</summary>
    public async Task PublishAsync(string component, BrokerMessage message)
    {
        var topic = Topic(component, message.Topic);
        var now = Time.GetUtcNow();
        var key = PublishMetadata.Find(message.Metadata, "partitionKey") is { Length: > 0 } given ? given : null;
        // An event with an envelope carries its own expiration, so that its dead-letter topic hears of it.
        DateTimeOffset? expires = PublishMetadata.IsRaw(message.Metadata) == true ? now + PublishMetadata.TimeToLive(message.Metadata) : null;
        var topicId = topic.Id;
        TopicLog.Pending? written = null;
        bool Write(SqliteConnection connection)
        {
            if (topicId == 0)
                topicId = EventStore.Topic(connection, topic.Component, topic.Name);
            var entry = new LogEntry(++lastOffset, key, message, expires);
            EventStore.Append(connection, entry, topicId, now);
            written = topic.Written(entry);
            return true;
        }
        try
        {
            await (topicId == 0 ? database.WriteAsync(Write) : database.WriteOneAsync(Write));
        }
        catch
        {
            if (written is not null)
                topic.Settle(written, isCommitted: false);
            throw;
        }
        topic.Id = topicId;
        topic.Settle(written!, isCommitted: true);
        if (Interlocked.Decrement(ref untilTrim) == 0)
            StartTrimming();
    }

    /// <param name="component">Pub/sub component.</param>
    /// <param name="name">Topic.</param>
    /// <param name="group">Name of the consumer group.</param>
    /// <param name="isEphemeral">True for a group that begins with the next event and is forgotten at the end.</param>
    public Task<ConsumerGroup> GroupAsync(string component, string name, string group, bool isEphemeral)
    {
        var topic = Topic(component, name);
        return groups.GetOrAdd((topic, group), _ => new(() => CreateAsync(topic, group, isEphemeral))).Value;
    }

    public void Forget(string component, string name, string group)
    {
        var topic = Topic(component, name);
        if (groups.TryRemove((topic, group), out var forgotten) && forgotten.Value.IsCompletedSuccessfully)
            topic.Remove(forgotten.Value.Result);
    }

    public List<LogEntry> Page(TopicLog topic, long after, int count) => database.Read(connection => EventStore.Page(connection, topic.Id, topic.Name, after, count));

    public void Changed(ConsumerGroup group) => progress.Changed(group);

    public void NotTaken(TopicLog topic, long offset, Exception failure) => Log.NotTaken(log, offset, topic.Name, failure.Message);

    public async ValueTask DisposeAsync()
    {
        await progress.DisposeAsync();
        await trimming;
        await database.DisposeAsync();
    }

    private TopicLog Topic(string component, string name) => topics.GetOrAdd((component, name), static key => new TopicLog(key.Component, key.Topic));

    private async Task<ConsumerGroup> CreateAsync(TopicLog topic, string name, bool isEphemeral)
    {
        var (topicId, row, last) = await database.WriteAsync(connection =>
        {
            var id = EventStore.Topic(connection, topic.Component, topic.Name);
            return (id, isEphemeral ? (long?)null : EventStore.Consumer(connection, id, name), lastOffset);
        });
        topic.Id = topicId;
        var (position, above) = row is { } consumer ? database.Read(connection => EventStore.Progress(connection, consumer)) : (last, []);
        var group = new ConsumerGroup(this, topic, row, position, above);
        topic.Add(group);
        return group;
    }

    private void StartTrimming()
    {
        lock (trimGate)
        {
            Volatile.Write(ref untilTrim, Retention.Every);
            if (trimming.IsCompleted)
                trimming = Task.Run(TrimAsync);
        }
    }

    private async Task TrimAsync()
    {
        try
        {
            foreach (var topic in database.Read(EventStore.Topics))
            {
                var upTo = database.Read(connection => EventStore.TrimTo(connection, topic, Time.GetUtcNow()));
                while (upTo > 0 && await database.WriteAsync(connection => EventStore.Trim(connection, topic, upTo)) == Retention.Chunk)
                {
                }
            }
        }
        catch (Exception failure) when (failure is ObjectDisposedException or SqliteException)
        {
            Log.NotTrimmed(log, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "event {Offset} of topic {Topic} was not taken and will be sent again: {Problem}")]
        public static partial void NotTaken(ILogger logger, long offset, string topic, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "old events were not removed: {Problem}")]
        public static partial void NotTrimmed(ILogger logger, string problem);
    }
}
