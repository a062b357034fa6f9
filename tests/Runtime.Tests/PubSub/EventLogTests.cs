using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using LocalDapr.Runtime.PubSub;
using LocalDapr.Runtime.PubSub.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Runtime.Tests.PubSub;

public sealed class EventLogTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Groups_hear_of_events_in_order_and_never_of_one_that_was_not_committed_whoever_hears_of_his_commit_first()
    {
        await using var broker = new Broker(folder);
        var log = EventLog.Of(broker.Runtime, NullLoggerFactory.Instance);
        var topic = new TopicLog("pubsub", "orders");
        var group = new ConsumerGroup(log, topic, row: null, position: 0, above: []);
        topic.Add(group);
        var got = new ConcurrentQueue<string>();
        await using var consumer = group.Join(Collecting("orders", got));
        var offset = 0L;
        await Eventually.TrueAsync(() =>
        {
            topic.Settle(topic.Written(Entry(++offset)), isCommitted: true);
            return !got.IsEmpty;
        });
        await Eventually.TrueAsync(() => got.Contains(Text(offset)));

        var written = Enumerable.Range(1, 4).Select(n => topic.Written(Entry(offset + n))).ToArray();
        topic.Settle(written[3], isCommitted: true);
        topic.Settle(written[0], isCommitted: false);
        topic.Settle(written[2], isCommitted: true);
        topic.Settle(written[1], isCommitted: true);

        await Eventually.TrueAsync(() => got.Contains(Text(offset + 4)));
        Assert.Equal([Text(offset + 2), Text(offset + 3), Text(offset + 4)], got.TakeLast(3));
        Assert.DoesNotContain(Text(offset + 1), got);
    }

    [Fact]
    public async Task An_event_that_is_published_while_a_group_joins_is_delivered()
    {
        await using var broker = new Broker(folder);
        var log = EventLog.Of(broker.Runtime, NullLoggerFactory.Instance);
        for (var round = 0; round < 300; round++)
        {
            var topic = Text(round);
            await log.PublishAsync("pubsub", Message(topic, "first"));
            var got = new ConcurrentQueue<string>();
            var group = await log.GroupAsync("pubsub", topic, "g", isEphemeral: false);
            var publish = Task.Run(() => log.PublishAsync("pubsub", Message(topic, "second")), TestContext.Current.CancellationToken);
            await using var consumer = group.Join(Collecting(topic, got));
            await publish;
            await Eventually.TrueAsync(() => got.Count == 2, seconds: 5);
        }
    }

    private static BrokerSubscription Collecting(string topic, ConcurrentQueue<string> got) => new(topic, new Dictionary<string, string>(), (message, _) =>
    {
        got.Enqueue(Encoding.UTF8.GetString(message.Data.Span));
        return Task.CompletedTask;
    }, MaxInFlight: 1);

    private static BrokerMessage Message(string topic, string text) => new(topic, Encoding.UTF8.GetBytes(text), new Dictionary<string, string>());

    private static LogEntry Entry(long offset) => new(offset, null, Message("orders", Text(offset)), null);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
