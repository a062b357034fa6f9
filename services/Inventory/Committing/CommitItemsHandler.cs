using Quayside.Contracts.Inventory;
using Quayside.Inventory.Reserving;
using Quayside.Inventory.Stock;
using Quayside.Saga.Participants;

namespace Quayside.Inventory.Committing;

internal sealed class CommitItemsHandler(
    RecordStore<Reservation> records, Warehouse warehouse, TimeProvider time, IHostApplicationLifetime lifetime)
{
    public async Task<CommitItemsResult> HandleAsync(CommitItems command, CancellationToken cancellationToken)
    {
        var record = await CommitAsync(command.OrderId, cancellationToken);
        if (record.Stage is not Stage.Committed) return new(CommitOutcome.Refused, record.Reason ?? "nothing is reserved");
        await Task.WhenAll(record.Effect!.Lines.Select(line => warehouse.ApplyAsync(
            line.ProductId, new StockCommand.Ship(new(command.OrderId, record.Attempt)), lifetime.ApplicationStopping)));
        return new(CommitOutcome.Committed);
    }

    private async Task<ParticipantRecord<Reservation>> CommitAsync(string orderId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (record, etag) = await records.LoadAsync(orderId, cancellationToken);
            if (record.Stage is not Stage.Done) return record;
            var committed = record.Commit(time.GetUtcNow());
            if (await records.TrySaveAsync(orderId, committed, etag, cancellationToken)) return committed;
        }
    }
}
