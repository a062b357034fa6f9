using System.Text.Json.Serialization;
using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Orders.Queries;

/// <summary>An order in a list.</summary>
public sealed record OrderSummary(string OrderId, OrderStatus Status, Money Total, DateTimeOffset CreatedAt, string? Reason, long Version)
{
    /// <summary>The view that it was taken from is behind the order's events.</summary>
    [JsonIgnore]
    internal bool IsBehind { get; init; }

    internal static OrderSummary Of(OrderView view) => new(view.OrderId, view.Status, view.Total, view.CreatedAt, view.Reason, view.Version);
}

/// <param name="NextCursor">Give it back as ?cursor= for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
