using FsCheck;
using FsCheck.Fluent;
using Quayside.Saga.Participants;

namespace Quayside.Patterns.Tests.Saga;

public sealed class ParticipantRecordTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    /// <summary>Every move, whether it is legal now or not.</summary>
    private static readonly Func<ParticipantRecord<string>, ParticipantRecord<string>>[] Moves =
    [
        record => record.Intend(Now, "effect"),
        record => record.Complete(Now, "effect"),
        record => record.Undo(Now, "reason"),
        record => record.Undo(Now, "reason", "effect"),
        record => record.Commit(Now),
    ];

    private static readonly HashSet<(Stage, Stage)> Legal =
    [
        (Stage.None, Stage.Intent), (Stage.None, Stage.Undone),
        (Stage.Intent, Stage.Intent), (Stage.Intent, Stage.Done), (Stage.Intent, Stage.Undone),
        (Stage.Done, Stage.Undone), (Stage.Done, Stage.Committed),
    ];

    [Fact]
    public void Only_the_designed_moves_are_possible_and_undone_and_committed_are_final()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), moves =>
        {
            var record = ParticipantRecord.None<string>();
            foreach (var move in moves)
            {
                var next = Try(Moves[move % Moves.Length], record);
                if (next is null) continue;
                if (!Legal.Contains((record.Stage, next.Stage)) || record.Stage is Stage.Undone or Stage.Committed) return false;
                if (next.Stage is Stage.Intent && next.Attempt != record.Attempt + 1) return false;
                record = next;
            }

            return true;
        }));
    }

    [Fact]
    public void Every_designed_move_is_possible()
    {
        var seen = new HashSet<(Stage, Stage)>();
        var open = new Queue<ParticipantRecord<string>>([ParticipantRecord.None<string>()]);
        while (open.TryDequeue(out var record))
        {
            foreach (var move in Moves)
            {
                if (Try(move, record) is { } next && seen.Add((record.Stage, next.Stage))) open.Enqueue(next);
            }
        }

        Assert.Equal(Legal, seen);
    }

    [Fact]
    public void A_repeat_with_other_data_does_not_change_the_intent()
    {
        var record = ParticipantRecord.None<string>().Intend(Now, "first").Intend(Now, "second");
        Assert.Equal("first", record.Effect);
    }

    [Fact]
    public void What_was_undone_can_be_told_later_once_and_nothing_else_changes()
    {
        var undone = ParticipantRecord.None<string>().Intend(Now, "effect").Undo(Now, "key cancelled");
        Assert.Equal(undone with { Effect = "effect" }, undone.Prove("effect"));
        Assert.Throws<InvalidOperationException>(() => undone.Prove("effect").Prove("other"));
        Assert.All(Moves, move => Assert.True(Try(move, ParticipantRecord.None<string>()) is not { Stage: not Stage.Undone } other || Try(record => record.Prove("effect"), other) is null));
    }

    private static ParticipantRecord<string>? Try(Func<ParticipantRecord<string>, ParticipantRecord<string>> move, ParticipantRecord<string> record)
    {
        try
        {
            return move(record);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
