using System.Globalization;

namespace LocalDapr.Runtime.Resiliency;

/// <summary>A list of codes and ranges as <c>retries.matching</c> writes it: <c>429,500-599</c>.</summary>
public sealed class CodeRanges
{
    private readonly (int From, int To)[] ranges;

    private CodeRanges((int From, int To)[] ranges) => this.ranges = ranges;

    /// <summary>Null when the text is no list of codes between <paramref name="lowest"/> and <paramref name="highest"/>.</summary>
    public static CodeRanges? TryParse(string text, int lowest, int highest)
    {
        var ranges = new List<(int, int)>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = entry.IndexOf('-', StringComparison.Ordinal);
            if (!TryCode(dash < 0 ? entry : entry[..dash], out var from) || !TryCode(dash < 0 ? entry : entry[(dash + 1)..], out var to) || from > to)
                return null;
            ranges.Add((from, to));
        }
        return new CodeRanges([.. ranges]);

        bool TryCode(string code, out int value) =>
            int.TryParse(code.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= lowest && value <= highest;
    }

    public bool Contains(int code)
    {
        foreach (var (from, to) in ranges)
        {
            if (code >= from && code <= to)
                return true;
        }
        return false;
    }
}
