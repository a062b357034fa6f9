using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Quayside.Orders;

/// <summary>A number and an order id as URL-safe text that callers keep and give back.</summary>
internal static class OpaqueToken
{
    public static string Format(long number, string orderId) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}:{orderId}")));

    /// <returns>Null for what <see cref="Format"/> has not made.</returns>
    public static (long Number, string OrderId)? Parse(string text)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(':');
        return parts is [var digits, var id] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Guid.TryParse(id, out _)
            ? (number, id)
            : null;
    }
}
