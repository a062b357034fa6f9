using LocalDapr.Runtime.PubSub;
using LocalDapr.Runtime.PubSub.Embedded;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Tests.PubSub;

public sealed class RetentionTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    public async Task What_all_groups_have_goes_after_a_day_and_what_one_has_still_to_read_after_a_week(long slowest, long gone)
    {
        await using var database = Open();
        await database.WriteAsync(connection =>
        {
            var topic = EventStore.Topic(connection, "pubsub", "orders");
            Append(connection, topic, 1, TimeSpan.FromDays(8));
            Append(connection, topic, 2, TimeSpan.FromDays(3));
            Append(connection, topic, 3, TimeSpan.FromDays(2));
            Append(connection, topic, 4, TimeSpan.FromHours(1));
            Save(connection, EventStore.Consumer(connection, topic, "quick"), 4);
            Save(connection, EventStore.Consumer(connection, topic, "slow"), slowest);
            Assert.Equal(gone, EventStore.TrimTo(connection, topic, Now));
        });
    }

    [Fact]
    public async Task An_offset_that_a_group_has_passed_is_not_given_again_though_its_event_is_gone()
    {
        await using var database = Open();
        await database.WriteAsync(connection =>
        {
            var topic = EventStore.Topic(connection, "pubsub", "orders");
            Append(connection, topic, 1, TimeSpan.FromDays(8));
            Append(connection, topic, 2, TimeSpan.FromDays(8));
            Save(connection, EventStore.Consumer(connection, topic, "app"), 2);
            Assert.Equal(2, EventStore.Trim(connection, topic, EventStore.TrimTo(connection, topic, Now)));
            Assert.Equal(2, EventStore.LastOffset(connection));
        });
    }

    private Database Open() => Database.Open(folder.File("pubsub.db"), Durability.Normal, EventStore.Schema);

    private static void Append(Microsoft.Data.Sqlite.SqliteConnection connection, long topic, long offset, TimeSpan age) =>
        EventStore.Append(connection, new LogEntry(offset, null, new BrokerMessage("orders", new byte[1], new Dictionary<string, string>()), null), topic, Now - age);

    private static void Save(Microsoft.Data.Sqlite.SqliteConnection connection, long consumer, long position) =>
        EventStore.Save(connection, new GroupProgress(consumer, position, [], MayHaveRows: false));
}
