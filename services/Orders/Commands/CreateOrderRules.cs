using Quayside.Contracts;

namespace Quayside.Orders.Commands;

/// <summary>What a body must keep to before anybody is asked about it.</summary>
internal static class CreateOrderRules
{
    public const int MaxLines = 50;
    public const int MaxQuantity = 1_000;

    /// <summary>Minor units; far below where sums of lines could overflow.</summary>
    public const long MaxTotal = 1_000_000_000_000;

    /// <returns>Field to complaints; empty if all is well.</returns>
    public static Dictionary<string, string[]> Check(CreateOrder order)
    {
        Dictionary<string, string[]> problems = [];
        if (order.Items.Count is 0 or > MaxLines)
            problems["items"] = [$"must be 1 to {MaxLines}"];
        else
            CheckItems(order.Items, problems);
        CheckText(order.Payment.Token, "payment.token", 200, problems);
        CheckText(order.ShipTo.Name, "shipTo.name", 200, problems);
        CheckText(order.ShipTo.Street, "shipTo.street", 200, problems);
        CheckText(order.ShipTo.City, "shipTo.city", 200, problems);
        CheckText(order.ShipTo.Postcode, "shipTo.postcode", 20, problems);
        CheckText(order.ShipTo.Country, "shipTo.country", 60, problems);
        return problems;
    }

    private static void CheckItems(IReadOnlyList<OrderItem> items, Dictionary<string, string[]> problems)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            // the serializer lets null through as an element of a list
            if (items[i] is not { } item)
            {
                problems[$"items[{i}]"] = ["must not be null"];
                continue;
            }
            CheckText(item.ProductId, $"items[{i}].productId", 64, problems);
            if (item.Quantity is < 1 or > MaxQuantity)
                problems[$"items[{i}].quantity"] = [$"must be 1 to {MaxQuantity}"];
            if (!seen.Add(item.ProductId))
                problems[$"items[{i}].productId"] = ["is given twice"];
        }
    }

    public static void CheckText(string value, string field, int longest, Dictionary<string, string[]> problems)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > longest || value.Any(char.IsControl))
            problems[field] = [$"must be 1 to {longest} printable characters"];
    }
}
