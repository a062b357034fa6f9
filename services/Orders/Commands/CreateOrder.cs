using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Orders.Commands;

/// <summary>The body of POST /api/orders.</summary>
public sealed record CreateOrder(IReadOnlyList<OrderItem> Items, PaymentMethod Payment, Address ShipTo)
{
    /// <summary>The same for two bodies that mean the same, whatever their spacing and order of fields.</summary>
    public string Hash() =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, CreateOrderJson.Default.CreateOrder)));
}

public sealed record OrderItem(string ProductId, int Quantity);

public sealed record PaymentMethod(string Token);

/// <summary>The answer, the same for every repetition but for the status, which is that of the moment.</summary>
public sealed record OrderAccepted(string OrderId, OrderStatus Status)
{
    /// <summary>202 with the order's address and the token that makes lists show at least this version of it.</summary>
    internal static Accepted<OrderAccepted> Answer(HttpContext context, string orderId, OrderStatus status, long version)
    {
        context.Response.Headers[ConsistencyToken.Header] = new ConsistencyToken(orderId, version).ToString();
        return TypedResults.Accepted($"/api/orders/{orderId}", new OrderAccepted(orderId, status));
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CreateOrder))]
internal sealed partial class CreateOrderJson : JsonSerializerContext;
