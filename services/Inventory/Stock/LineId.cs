using System.Globalization;

namespace Quayside.Inventory.Stock;

/// <summary>Names the open line of one attempt to reserve for one order: ORDER for the first, ORDER#2 for the second. A slow
/// earlier attempt can then never be mistaken for the one that counts.</summary>
internal readonly record struct LineId(string OrderId, int Attempt)
{
    public override string ToString() => Attempt == 1 ? OrderId : string.Create(CultureInfo.InvariantCulture, $"{OrderId}#{Attempt}");

    public static LineId Parse(string text) => text.LastIndexOf('#') is var at and > 0
        ? new(text[..at], int.Parse(text.AsSpan(at + 1), CultureInfo.InvariantCulture))
        : new(text, 1);

    /// <summary>This attempt's line and those of the attempts before it.</summary>
    public IEnumerable<string> UpToHere()
    {
        for (var attempt = Attempt; attempt >= 1; attempt--) yield return new LineId(OrderId, attempt).ToString();
    }
}
