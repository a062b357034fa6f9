using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Quayside.Orders;

/// <summary>
/// What a caller has seen of the write side: an order at a version. A command answers with it in the header <c>Consistency-Token</c>; a list that gets it
/// back contains the order at that version or a later one.
/// </summary>
internal readonly record struct ConsistencyToken(string OrderId, long Version)
{
    public const string Header = "Consistency-Token";

    private const int MaxLength = 200;

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}:{OrderId}")));

    public static bool TryParse([NotNullWhen(true)] string? text, out ConsistencyToken token)
    {
        token = default;
        if (text is null or { Length: 0 or > MaxLength } || !Base64Url.IsValid(text))
            return false;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(':', 2);
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return false;
        token = new(parts[1], version);
        return true;
    }
}
