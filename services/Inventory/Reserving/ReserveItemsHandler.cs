using Quayside.Contracts.Inventory;
using Quayside.Inventory.Stock;
using Quayside.Saga.Participants;

namespace Quayside.Inventory.Reserving;

/// <summary>The record decides, the lines follow: lines are taken under a written intent, kept once Done is written, given back otherwise.</summary>
internal sealed class ReserveItemsHandler(
    RecordStore<Reservation> records, Warehouse warehouse, OrderTurns turns, TimeProvider time, IHostApplicationLifetime lifetime)
{
    public async Task<ReserveItemsResult> HandleAsync(ReserveItems command, CancellationToken cancellationToken)
    {
        using var turn = await turns.EnterAsync(command.OrderId, cancellationToken);
        var (record, etag) = await BeginAsync(command, cancellationToken);
        if (record.Stage is not Stage.Intent) return Answer(record);

        var stopping = lifetime.ApplicationStopping;
        var missing = await TakeAsync(command.OrderId, record, stopping);
        var next = missing is null
            ? record.Complete(time.GetUtcNow(), record.Effect!)
            : record.Undo(time.GetUtcNow(), $"out of stock: {missing}", record.Effect);
        if (!await records.TrySaveAsync(command.OrderId, next, etag, stopping)) (next, _) = await records.LoadAsync(command.OrderId, stopping);
        if (next.Stage is Stage.Undone || next.Attempt != record.Attempt) await GiveBackAsync(command.OrderId, record, stopping);
        return Answer(next);
    }

    /// <summary>Writes the intent of a new attempt; a repeat makes the lines of the attempt before it void.</summary>
    private async Task<(ParticipantRecord<Reservation> Record, string ETag)> BeginAsync(ReserveItems command, CancellationToken cancellationToken)
    {
        var intent = ParticipantRecord.None<Reservation>().Intend(time.GetUtcNow(), Reservation.Of(command.Lines));
        var isWritten = await records.TryCreateAsync(command.OrderId, intent, cancellationToken);
        while (true)
        {
            var (record, etag) = await records.LoadAsync(command.OrderId, cancellationToken);
            if (record.Stage is not Stage.Intent || (isWritten && record.Attempt == intent.Attempt)) return (record, etag);
            intent = record.Intend(time.GetUtcNow(), record.Effect!);
            isWritten = await records.TrySaveAsync(command.OrderId, intent, etag, cancellationToken);
        }
    }

    private async Task<string?> TakeAsync(string orderId, ParticipantRecord<Reservation> record, CancellationToken stopping)
    {
        foreach (var line in record.Effect!.Lines)
        {
            var reserve = new StockCommand.Reserve(new(orderId, record.Attempt), line.Quantity);
            if (!await warehouse.ApplyAsync(line.ProductId, reserve, stopping)) return line.ProductId;
        }

        return null;
    }

    private async Task GiveBackAsync(string orderId, ParticipantRecord<Reservation> record, CancellationToken stopping) =>
        await Task.WhenAll(record.Effect!.Lines.Select(line =>
            warehouse.ApplyAsync(line.ProductId, new StockCommand.Release(new(orderId, record.Attempt)), stopping)));

    private static ReserveItemsResult Answer(ParticipantRecord<Reservation> record) => record.Stage switch
    {
        Stage.Done or Stage.Committed => new(ReserveOutcome.Reserved),
        Stage.Undone => new(ReserveOutcome.Refused, record.Reason),
        _ => throw new InvalidOperationException("Another replica reserves for this order; ask again."),
    };
}
