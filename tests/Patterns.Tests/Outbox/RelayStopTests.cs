using Quayside.EventSourcing;
using Quayside.RelayProcess;
using Quayside.Servers;

namespace Quayside.Patterns.Tests.Outbox;

public sealed class SqliteRelayStopTests() : RelayStopTests(new SqliteFiles())
{
    /// <summary>Not within a mark: a process that is stopped in its commit keeps everybody from writing to the file.</summary>
    [Theory]
    [InlineData(FaultPoint.BeforeThePublish)]
    [InlineData(FaultPoint.AfterThePublish)]
    [InlineData(FaultPoint.AfterTheMark)]
    public Task Stopped_past_its_lease_it_moves_nothing_back(FaultPoint point) => StopAsync(point);
}

public sealed class PostgresRelayStopTests(PostgresServer server) : RelayStopTests(new PostgresSchemas(server))
{
    [Theory]
    [InlineData(FaultPoint.AfterTheLease)]
    [InlineData(FaultPoint.BeforeThePublish)]
    [InlineData(FaultPoint.AfterThePublish)]
    [InlineData(FaultPoint.WithinTheMark)]
    [InlineData(FaultPoint.AfterTheMark)]
    public Task Stopped_past_its_lease_it_moves_nothing_back(FaultPoint point) => StopAsync(point);
}

/// <summary>SIGSTOP of a process that relays, until another has taken over and is further on; then SIGCONT.</summary>
public abstract class RelayStopTests(Databases databases) : IAsyncDisposable
{
    private const int Events = 30;
    private const string Lost = "Another relay of this shard has taken over";

    /// <summary>Long enough for a successor that is kept waiting by a loaded machine.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return databases.DisposeAsync();
    }

    protected async Task StopAsync(FaultPoint point)
    {
        var address = await databases.AtAsync("events");
        using var stopped = RelayChild.Start(address, Lease, Events, point, "STOP", point is FaultPoint.BeforeThePublish or FaultPoint.AfterThePublish ? 100 : 1);
        await stopped.StopAsync();

        await using var next = new RelaySuccession(address, Lease);
        await AppendAsync(next.Store, Events);
        await next.TakeOverAsync();
        var (asked, taken, progress) = (stopped.Asked, stopped.Taken, await next.ProgressAsync());
        Assert.True(point is FaultPoint.WithinTheMark or FaultPoint.AfterTheMark || asked.Count < 8 * Events, "it was stopped too late");

        await stopped.ContinueAsync();
        await stopped.HearAsync(child => child.HasSaid(Lost));
        // in flight is one event of an aggregate at most, also one that the lease was asked for and the broker not yet
        Assert.All(stopped.Taken.Skip(taken.Count).GroupBy(e => e.Aggregate), late => Assert.Single(late));
        asked = stopped.Asked;
        Assert.Equal(progress, await next.ProgressAsync());
        foreach (var versions in next.Broker.Taken.GroupBy(e => e.AggregateId, e => (int)e.Version))
            Assert.Equal(Enumerable.Range(versions.First(), Events + 2 - versions.First()), versions);

        // it is as good as any other from now on, and goes on where the other ended
        await next.EndAsync();
        await AppendAsync(next.Store, Events + 1);
        await stopped.HearAsync(child => child.Taken.Count(e => e.Version == Events + 2) == 8);
        Assert.Equal(8, stopped.Asked.Count - asked.Count);
        Assert.True(await next.EpochAsync() >= 3);
    }

    private static async Task AppendAsync(EventStore store, int version)
    {
        for (var i = 0; i < 8; i++)
        {
            var append = new Append($"a{i}", version, [new NewEvent("thing.happened", 1, "{}"u8.ToArray())], new EventMetadata(), DateTimeOffset.UtcNow);
            Assert.IsType<AppendResult.Appended>(await store.AppendAsync(append, TestContext.Current.CancellationToken));
        }
    }
}
