using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Quayside.Contracts;

namespace Quayside.Orders.Privacy;

/// <summary>What an order knows and no event tells. The hash of the request is here because token and address could be guessed from it.</summary>
internal sealed record OrderPrivacy(string RequestHash, string PaymentToken, Address ShipTo);

/// <summary>Seals the private part of an order for its customer, bound to the order.</summary>
internal sealed class PrivateData(UserKeys keys)
{
    /// <returns>Null if the user was deleted.</returns>
    public async ValueTask<byte[]?> SealAsync(string userId, string orderId, OrderPrivacy data, CancellationToken cancellationToken)
    {
        if (await keys.GetOrCreateAsync(userId, cancellationToken) is not { } key)
            return null;
        return Sealing.Seal(key, JsonSerializer.SerializeToUtf8Bytes(data, PrivacyJson.Default.OrderPrivacy), Encoding.UTF8.GetBytes(orderId));
    }

    /// <returns>Null if the user's key was deleted.</returns>
    public async ValueTask<OrderPrivacy?> OpenAsync(string userId, string orderId, ReadOnlyMemory<byte> box, CancellationToken cancellationToken) =>
        await keys.FindAsync(userId, cancellationToken) is { } key
            ? JsonSerializer.Deserialize(Sealing.Open(key, box.Span, Encoding.UTF8.GetBytes(orderId)), PrivacyJson.Default.OrderPrivacy)
            : null;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderPrivacy))]
internal sealed partial class PrivacyJson : JsonSerializerContext;
