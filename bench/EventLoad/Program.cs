using System.CommandLine;
using Quayside.Bench.EventLoad;
using Quayside.EventSourcing.Sql;

var postgres = new Option<string?>("--postgres") { Description = "connection string of a PostgreSQL database to measure too; the schemas bench_* in it are dropped" };
var events = new Option<int>("--events") { Description = "events to append in each run", DefaultValueFactory = _ => 40_000 };
var many = new Option<int>("--many") { Description = "events of the store that is built anew, opened again, started on", DefaultValueFactory = _ => 1_000_000 };

var stores = new Command("stores", "Appends with 16 writers, loads of a long aggregate with and without a snapshot, the way from a commit to the broker.") { postgres, events };
stores.SetAction(async (parsed, cancellation) =>
{
    await StoreLoad.RunAsync("SQLite, NORMAL", folder => new DatabaseAddress.Sqlite(Path.Combine(folder, "bench.db")), parsed.GetValue(events), cancellation);
    await StoreLoad.RunAsync("SQLite, FULL", folder => new DatabaseAddress.Sqlite(Path.Combine(folder, "bench.db"), Durability.Power), parsed.GetValue(events), cancellation);
    if (parsed.GetValue(postgres) is { } connection)
        await StoreLoad.RunAsync("PostgreSQL", _ => new DatabaseAddress.Postgres(connection, "bench_" + Guid.NewGuid().ToString("N")), parsed.GetValue(events), cancellation);
});

var views = new Command("views", "Builds the views of many orders anew, and opens their store again.") { many };
views.SetAction((parsed, cancellation) => ViewLoad.RunAsync(parsed.GetValue(many), cancellation));

var start = new Command("start", "Starts Orders on the data of many orders: how soon it is ready, and shows one of them.") { many };
start.SetAction((parsed, cancellation) => StartLoad.RunAsync(parsed.GetValue(many), cancellation));

var shards = new Command("shards", "How long it takes to choose a shard, and how even the choice is.");
shards.SetAction(_ => ShardLoad.Run());

return await new RootCommand("The event store, the relay, the views, a start and the choice of a shard, each alone.") { stores, views, start, shards }.Parse(args).InvokeAsync();
