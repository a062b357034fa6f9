using System.Diagnostics;
using Microsoft.Extensions.Options;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Admission;
using Quayside.Orders.Customers;
using Quayside.Orders.Order;
using Quayside.Orders.Pricing;
using Quayside.Orders.Privacy;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Commands;

/// <summary>How placing an order ended.</summary>
internal abstract record Placed
{
    public sealed record Accepted(string OrderId, OrderStatus Status, long Version) : Placed;

    /// <summary>The key was used for another body.</summary>
    public sealed record KeyReused : Placed;

    public sealed record UnknownUser : Placed;

    /// <summary>Too much is under way; nothing was done.</summary>
    public sealed record Refused(Overload Reason) : Placed;

    public sealed record Invalid(Dictionary<string, string[]> Problems) : Placed;
}

/// <summary>Places an order at most once a key: the first event of the stream decides, whoever comes second compares his request with it.</summary>
internal sealed class CreateOrderHandler(
    OrderRunner orders, AdmissionControl admission, PrivateData privacy, CustomerDirectory customers, Catalogue catalogue, IOptions<OrdersOptions> options)
{
    public async Task<Placed> HandleAsync(string userId, string idempotencyKey, CreateOrder order, CancellationToken cancellationToken)
    {
        var problems = CreateOrderRules.Check(order);
        if (problems.Count > 0)
            return new Placed.Invalid(problems);
        var orderId = OrderIds.From(userId, idempotencyKey);
        var hash = order.Hash();
        if (await orders.LoadAsync(orderId, cancellationToken) is { State.Exists: true } existing)
            return await CompareAsync(existing, hash, cancellationToken);
        if (await admission.AdmitAsync(userId, cancellationToken) is { } overload)
            return new Placed.Refused(overload);
        if (!await customers.ExistsAsync(userId, cancellationToken))
            return new Placed.UnknownUser();
        var lines = await PriceAsync(order.Items, problems, cancellationToken);
        if (problems.Count > 0)
            return new Placed.Invalid(problems);

        var total = new Money(lines.Sum(line => line.Quantity * line.UnitPrice.Amount), lines[0].UnitPrice.Currency);
        if (await privacy.SealAsync(userId, orderId, new(hash, order.Payment.Token, order.ShipTo), cancellationToken) is not { } box)
            return new Placed.UnknownUser();
        var create = new OrderCommand.Create(orderId, userId, lines, total, box, total.Amount > options.Value.ApprovalLimit);
        var placed = await orders.HandleAsync(orderId, create, Metadata(orderId, userId), cancellationToken);
        return placed.Refusal is null
            ? new Placed.Accepted(orderId, placed.State.Status!.Value, placed.Version)
            : await CompareAsync(new(placed.State, placed.Version), hash, cancellationToken);
    }

    private static EventMetadata Metadata(string orderId, string userId) =>
        new(Activity.Current?.Id, CorrelationId: orderId, Actor: userId);

    private async Task<Placed> CompareAsync(Folded<OrderState> order, string hash, CancellationToken cancellationToken)
    {
        var existing = order.State;
        var known = await privacy.OpenAsync(existing.UserId, existing.OrderId, existing.Sealed, cancellationToken);
        return known?.RequestHash == hash ? new Placed.Accepted(existing.OrderId, existing.Status!.Value, order.Version) : new Placed.KeyReused();
    }

    private async Task<List<OrderLine>> PriceAsync(
        IReadOnlyList<OrderItem> items, Dictionary<string, string[]> problems, CancellationToken cancellationToken)
    {
        var products = await Task.WhenAll(items.Select(item => catalogue.FindAsync(item.ProductId, cancellationToken).AsTask()));
        List<OrderLine> lines = [];
        var left = CreateOrderRules.MaxTotal;
        for (var i = 0; i < items.Count; i++)
        {
            if (products[i] is not { } product)
                problems[$"items[{i}].productId"] = ["is not a product of this shop"];
            else if (product.Price.Currency != (lines.FirstOrDefault()?.UnitPrice.Currency ?? product.Price.Currency))
                problems[$"items[{i}].productId"] = ["is sold in another currency than the lines before it"];
            else if (product.Price.Amount > left / items[i].Quantity)
                problems[$"items[{i}].quantity"] = [$"takes the total over {CreateOrderRules.MaxTotal}"];
            else
            {
                left -= product.Price.Amount * items[i].Quantity;
                lines.Add(new OrderLine(product.ProductId, product.Name, items[i].Quantity, product.Price));
            }
        }
        return lines;
    }
}
