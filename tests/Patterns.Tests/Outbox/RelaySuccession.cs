using Microsoft.Extensions.Logging.Abstractions;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.Outbox;

namespace Quayside.Patterns.Tests.Outbox;

/// <summary>The store that a relay in another process has left, and the relay that comes after it.</summary>
internal sealed class RelaySuccession(DatabaseAddress address, TimeSpan lease) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public EventStore Store { get; } = new(address, OutboxRelay.Schema);

    public RecordingBroker Broker { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask<Cursor> ProgressAsync() => OutboxRelay.ReadProgressAsync(Store, Token);

    public async Task<long> EpochAsync() => await Store.Database.ReadAsync(session => session.ReadLongAsync("SELECT epoch FROM outbox_relay"), Token) ?? 0;

    /// <summary>Until all is marked.</summary>
    public async Task TakeOverAsync()
    {
        var relay = new OutboxRelay(Store, Broker.PublishAsync, new RelayOptions { Lease = lease }, TimeProvider.System, NullLogger<OutboxRelay>.Instance);
        _running = relay.RunAsync(_stop.Token);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await ProgressAsync() != await Store.ReadLastAsync(Token))
            await Task.Delay(5, deadline.Token);
    }

    /// <summary>All that is stored, in its order.</summary>
    public async Task<IReadOnlyList<StoredEvent>> EventsAsync() => await Store.ReadAfterAsync(Cursor.Start, 1_000_000, Token);

    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Store.DisposeAsync();
        _stop.Dispose();
    }
}
