using FsCheck;
using FsCheck.Fluent;

namespace Quayside.Services.Tests.Models;

/// <summary>One decision of a walk, as data. What it does depends on where the walk stands, so every sequence can be walked, and shrunk.</summary>
/// <param name="Actor">A replica, or one of the others that can move: the network, the clock.</param>
/// <param name="Command">What an idle replica begins.</param>
/// <param name="Which">The order of a command; which of the waiting calls goes on.</param>
/// <param name="Fate">Of the call that goes on.</param>
internal sealed record Move(int Actor, int Command, int Which, Fate Fate)
{
    private static readonly Gen<Fate> Fates = Gen.Frequency(
        (14, Gen.Constant(Fate.Happens)), (1, Gen.Constant(Fate.Fails)), (2, Gen.Constant(Fate.AnswerIsLost)),
        (2, Gen.Constant(Fate.IsLate)), (1, Gen.Constant(Fate.DiesBefore)), (1, Gen.Constant(Fate.DiesAfter)));

    public static Arbitrary<Move[]> Sequences(int actors, int commands, int choices, int length)
    {
        // A third of the walks has no failures: only order and time are left to chance.
        return Arb.From(Gen.Choose(0, 2).SelectMany(calm => Gen.Choose(1, length).SelectMany(Moves(calm == 0 ? Gen.Constant(Fate.Happens) : Fates).ArrayOf)), Shrink);

        Gen<Move> Moves(Gen<Fate> fates) =>
            from actor in Gen.Choose(0, actors - 1)
            from command in Gen.Choose(0, commands - 1)
            from which in Gen.Choose(0, choices - 1)
            from fate in fates
            select new Move(actor, command, which, fate);
    }

    /// <summary>First whole stretches are left out, then single moves, then moves become plainer.</summary>
    private static IEnumerable<Move[]> Shrink(Move[] moves)
    {
        for (var size = moves.Length / 2; size >= 1; size /= 2)
        {
            for (var at = 0; at + size <= moves.Length; at += size) yield return [.. moves[..at], .. moves[(at + size)..]];
        }

        for (var at = 0; at < moves.Length; at++)
        {
            foreach (var plainer in moves[at].Plainer()) yield return [.. moves[..at], plainer, .. moves[(at + 1)..]];
        }
    }

    private IEnumerable<Move> Plainer()
    {
        if (Fate != Fate.Happens) yield return this with { Fate = Fate.Happens };
        if (Which > 0) yield return this with { Which = 0 };
        if (Command > 0) yield return this with { Command = 0 };
    }
}
