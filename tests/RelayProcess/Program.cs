using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.Outbox;
using Quayside.RelayProcess;

// sqlite FILE | postgres CONNECTION SCHEMA, then: LEASE in ms, EVENTS to append to each aggregate (0: for ever), POINT, KILL | STOP, OCCURRENCE.
// It appends to eight aggregates and relays the events to its standard output, which is the broker, until the fault; it ends with its standard input.
const int Aggregates = 8;

DatabaseAddress address = args[0] == "sqlite" ? new DatabaseAddress.Sqlite(args[1]) : new DatabaseAddress.Postgres(args[1], args[2]);
var lease = TimeSpan.FromMilliseconds(int.Parse(args[3], null));
var events = int.Parse(args[4], null);
var fault = Fault.Parse(args[5], args[6], args[7]);

FaultyDatabase? database = null;
await using var store = new EventStore(address, OutboxRelay.Schema, bucketOf: null, opened => database = new FaultyDatabase(opened, fault));
var writers = new Writers(store, events == 0 ? int.MaxValue : events);
var relay = new OutboxRelay(store, PublishAsync, new RelayOptions { Lease = lease }, TimeProvider.System, new Telling.Logger());

var appending = writers.RunAsync(Aggregates);
if (events > 0)
    await appending;
var relaying = relay.RunAsync(CancellationToken.None);
var orphaned = Console.OpenStandardInput().CopyToAsync(Stream.Null);
await await Task.WhenAny(orphaned, relaying, events > 0 ? orphaned : appending);
Environment.Exit(0);

async Task PublishAsync(DomainEvent stored, CancellationToken cancellationToken)
{
    Telling.Say("asked", stored);
    await PassAsync(FaultPoint.BeforeThePublish);
    Telling.Say("taken", stored);
    await PassAsync(FaultPoint.AfterThePublish);
    writers.Taken(stored);
}

async Task PassAsync(FaultPoint line)
{
    await database!.Writing.WaitAsync();
    fault.Pass(line);
    database.Writing.Release();
}
