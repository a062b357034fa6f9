namespace Quayside.Saga.Participants;

/// <summary>
/// Do and undo of one effect outside, safe in every order and number: the record is written before and after the effect,
/// and the effect itself is idempotent by the same id.
/// </summary>
/// <param name="records">Where the records are.</param>
/// <param name="time">Stamps the records.</param>
/// <param name="stopping">Shutdown of the host, the only thing that interrupts between the written intent and the written result.</param>
public sealed class Participant<TEffect>(RecordStore<TEffect> records, TimeProvider time, CancellationToken stopping)
    where TEffect : class
{
    /// <summary>Ends with the record in Done, Committed or Undone; Undone means refused, for its reason. Intent means undecided: do it again.</summary>
    /// <param name="intended">Kept in the record from the intent on, so that a repeat with other data cannot change it.</param>
    public async Task<ParticipantRecord<TEffect>> DoAsync(
        string id, TEffect intended, Func<TEffect, CancellationToken, Task<Outcome<TEffect>>> act, CancellationToken cancellationToken)
    {
        // The usual case is the first call, so it creates before it looks.
        await records.TryCreateAsync(id, ParticipantRecord.None<TEffect>().Intend(Now, intended), cancellationToken);
        while (true)
        {
            var (record, etag) = await records.LoadAsync(id, stopping);
            if (record.Stage is not Stage.Intent) return record;
            var outcome = await act(record.Effect!, stopping);
            if (outcome is { Effect: null, Refusal: null }) return record;
            var next = outcome.Effect is { } effect ? record.Complete(Now, effect) : record.Undo(Now, outcome.Refusal!);
            if (await records.TrySaveAsync(id, next, etag, stopping)) return next;
        }
    }

    /// <summary>Ends with the record in Undone, or in Done when it was too late. An undo that finds nothing forbids the do.</summary>
    public async Task<ParticipantRecord<TEffect>> UndoAsync(
        string id, string reason, Func<TEffect, CancellationToken, Task<Undoing<TEffect>>> undo, CancellationToken cancellationToken)
    {
        Undoing<TEffect>? undoing = null;
        while (true)
        {
            var (record, etag) = await records.LoadAsync(id, cancellationToken);
            if (record.Stage is Stage.Undone)
            {
                if (record.Effect is not null || undoing?.Effect is not { } undone) return record;
                var proven = record.Prove(undone);
                if (await records.TrySaveAsync(id, proven, etag, stopping)) return proven;
                continue;
            }

            if (record.Stage is Stage.Committed) return record;
            if (record.Stage is Stage.None)
            {
                var forbidden = record.Undo(Now, reason);
                if (await records.TryCreateAsync(id, forbidden, cancellationToken)) return forbidden;
                continue;
            }

            undoing = await undo(record.Effect!, stopping);
            if (undoing.IsTooLate && record.Stage is Stage.Done) return record;
            var next = undoing.IsTooLate ? record.Complete(Now, undoing.Effect!) : record.Undo(Now, reason, undoing.Effect);
            if (await records.TrySaveAsync(id, next, etag, stopping)) return next;
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
