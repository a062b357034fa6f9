using Quayside.Contracts.Inventory;
using Quayside.Inventory.Reserving;
using Quayside.Inventory.Stock;
using Quayside.Saga.Participants;

namespace Quayside.Inventory.Releasing;

internal sealed class ReleaseItemsHandler(
    RecordStore<Reservation> records, Warehouse warehouse, TimeProvider time, IHostApplicationLifetime lifetime)
{
    public async Task<ReleaseItemsResult> HandleAsync(ReleaseItems command, CancellationToken cancellationToken)
    {
        var record = await ForbidAsync(command, cancellationToken);
        if (record.Stage is Stage.Committed) return new(ReleaseOutcome.Committed);
        if (record.Effect is null) return new(ReleaseOutcome.Nothing);

        // Also when the record was undone before: the one who wrote that may have died before it gave the lines back.
        await Task.WhenAll(record.Effect.Lines.Select(line => warehouse.ApplyAsync(
            line.ProductId, new StockCommand.Release(new(command.OrderId, record.Attempt)), lifetime.ApplicationStopping)));
        return new(ReleaseOutcome.Released);
    }

    private async Task<ParticipantRecord<Reservation>> ForbidAsync(ReleaseItems command, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (record, etag) = await records.LoadAsync(command.OrderId, cancellationToken);
            if (record.Stage is Stage.Undone or Stage.Committed) return record;
            var undone = record.Undo(time.GetUtcNow(), command.Reason, record.Effect);
            var isWritten = record.Stage is Stage.None
                ? await records.TryCreateAsync(command.OrderId, undone, cancellationToken)
                : await records.TrySaveAsync(command.OrderId, undone, etag, cancellationToken);
            if (isWritten) return undone;
        }
    }
}
