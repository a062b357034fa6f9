using System.Globalization;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>What all random choices of a run come from: set <c>FUZZ_SEED</c> to a number that a failure printed to make the same requests again.</summary>
internal static class FuzzSeed
{
    public const string Variable = "FUZZ_SEED";

    public static int Value { get; } = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var set) ? set : Random.Shared.Next();

    /// <summary>What to write down to see the same again.</summary>
    public static string Hint => $"{Variable}={Value}";

    /// <summary>Fails with the first of each kind of problem: a problem begins with what was wrong, and the request stands on its last line.</summary>
    public static void AssertNone(IReadOnlyList<string> broken, int of) =>
        Assert.True(broken.Count == 0, $"{Hint}, {broken.Count} of {of}:\n{string.Join('\n', broken.DistinctBy(b => b[..b.LastIndexOf('\n')]).Take(20))}");

    /// <summary>The choices of one test do not move when another is added or left out.</summary>
    public static Random For(string test) => new(test.Aggregate(Value, (hash, c) => unchecked((hash * 31) + c)));
}
