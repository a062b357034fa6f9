using System.Text.Json.Serialization;
using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Orders.Queries;

/// <summary>An order in a list.</summary>
public sealed record OrderSummary(string OrderId, OrderStatus Status, Money Total, DateTimeOffset CreatedAt, string? Reason)
{
    [JsonIgnore]
    public string UserId { get; init; } = "";
}

/// <param name="NextCursor">Give it back as ?cursor= for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
