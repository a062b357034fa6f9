using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Quayside.Services.Tests.Models;

/// <summary>
/// How many walks, and which: QUAYSIDE_WALKS multiplies their number; QUAYSIDE_SEED, the two or three numbers in brackets that a failure tells, walks those again.
/// </summary>
internal static class Runs
{
    public static void Of<T>(int walks, Arbitrary<T> inputs, Func<T, Task> walk) => Check.One(Configured(walks), Prop.ForAll(inputs, walk));

    public static void Of<T>(int walks, Arbitrary<T> inputs, Action<T> walk) => Check.One(Configured(walks), Prop.ForAll(inputs, walk));

    /// <summary>A walk is its moves: made twice it tells the same story.</summary>
    /// <param name="plain">Takes out of a story what is new in every walk.</param>
    public static void OfTheSameMoves(Arbitrary<Move[]> moves, Func<Walk> walk, Func<string, string>? plain = null) => Of(10, moves, async made =>
    {
        var (one, other) = (walk(), walk());
        await one.RunAsync(made);
        await other.RunAsync(made);
        Assert.Equal(plain?.Invoke(one.Story) ?? one.Story, plain?.Invoke(other.Story) ?? other.Story);
    });

    private static Config Configured(int walks)
    {
        var times = Environment.GetEnvironmentVariable("QUAYSIDE_WALKS") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 1;
        var config = Config.QuickThrowOnFailure.WithMaxTest((int)Math.Ceiling(walks * times));
        if (Environment.GetEnvironmentVariable("QUAYSIDE_SEED") is not { Length: > 0 } seed) return config;
        var numbers = seed.Trim('(', ')').Split(',').Select(number => ulong.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        var size = numbers.Length > 2 ? FSharpOption<int>.Some((int)numbers[2]) : FSharpOption<int>.None;
        return config.WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(numbers[0], numbers[1]), size)));
    }
}
