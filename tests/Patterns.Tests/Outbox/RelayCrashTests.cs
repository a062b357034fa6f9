using Quayside.EventSourcing;
using Quayside.RelayProcess;
using Quayside.Servers;

namespace Quayside.Patterns.Tests.Outbox;

public sealed class SqliteRelayCrashTests() : RelayCrashTests(new SqliteFiles());

public sealed class PostgresRelayCrashTests(PostgresServer server) : RelayCrashTests(new PostgresSchemas(server));

/// <summary>kill -9 of a process that appends and relays, at each line between append and mark; another relay comes up.</summary>
public abstract class RelayCrashTests(Databases databases) : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(500);

    public static TheoryData<FaultPoint> Points => [.. Enum.GetValues<FaultPoint>()];

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return databases.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Nothing_is_lost_and_what_was_not_marked_goes_out_again_in_order(FaultPoint point)
    {
        var address = await databases.AtAsync("events");
        var occurrence = point switch { FaultPoint.AfterTheLease => 1, >= FaultPoint.BeforeTheMark => 3, _ => 100 };
        using var dead = RelayChild.Start(address, Lease, events: 0, point, "KILL", occurrence);
        await dead.EndAsync();

        await using var next = new RelaySuccession(address, Lease);
        var marked = await next.ProgressAsync();
        await next.TakeOverAsync();
        var events = await next.EventsAsync();
        var stored = events.Select(Name).ToHashSet();
        var before = dead.Taken.ToHashSet();
        var after = next.Broker.Taken.Select(e => (e.AggregateId, e.Version)).ToList();

        Assert.Superset(dead.Committed.ToHashSet(), stored);
        Assert.Equal(stored.Order(), before.Union(after).Order());
        Assert.Superset(events.Where(e => e.Cursor <= marked).Select(Name).ToHashSet(), before);
        Assert.Equal(events.Where(e => e.Cursor > marked).Select(Name).Order(), after.Order());
        Assert.All([.. ByAggregate(dead.Taken), .. ByAggregate(after)], versions => Assert.Equal(Enumerable.Range(versions[0], versions.Length), versions));
        ItWasThere(point, dead, stored, before, [.. after]);
    }

    private static void ItWasThere(
        FaultPoint point, RelayChild dead, HashSet<(string Aggregate, long Version)> stored, HashSet<(string, long)> before, HashSet<(string, long)> after)
    {
        switch (point)
        {
            case FaultPoint.AfterTheAppend:
                Assert.Contains(stored, e => dead.Committed.All(known => known.Aggregate != e.Aggregate || known.Version < e.Version));
                break;
            case FaultPoint.AfterTheLease:
                Assert.Empty(before);
                break;
            case FaultPoint.BeforeThePublish:
                Assert.Contains(dead.Asked, asked => !before.Contains(asked) && after.Contains(asked));
                break;
            case FaultPoint.AfterThePublish:
                Assert.Contains(dead.Taken[^1], after);
                break;
            case FaultPoint.BeforeTheMark:
                Assert.NotEmpty(before.Intersect(after));
                break;
        }
    }

    private static (string Aggregate, long Version) Name(StoredEvent stored) => (stored.Event.AggregateId, stored.Event.Version);

    private static IEnumerable<int[]> ByAggregate(IEnumerable<(string Aggregate, long Version)> taken) =>
        taken.GroupBy(e => e.Aggregate, e => (int)e.Version).Select(versions => versions.ToArray());
}
