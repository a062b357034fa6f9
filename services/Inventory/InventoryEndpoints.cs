using Quayside.Contracts.Inventory;
using Quayside.Inventory.Catalogue;
using Quayside.Inventory.Committing;
using Quayside.Inventory.Releasing;
using Quayside.Inventory.Reserving;
using Quayside.Inventory.Stock;

namespace Quayside.Inventory;

internal static class InventoryEndpoints
{
    public static void MapInventory(this IEndpointRouteBuilder app)
    {
        var inventory = app.MapGroup("/internal/inventory").RequireAuthorization("Dapr");
        inventory.MapPost("/reserve", (ReserveItems command, ReserveItemsHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
        inventory.MapPost("/release", (ReleaseItems command, ReleaseItemsHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
        inventory.MapPost("/commit", (CommitItems command, CommitItemsHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
        inventory.MapPost("/books", async (ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken) =>
            Books(await CountAsync(catalogue, warehouse, cancellationToken)));

        app.MapGet("/api/admin/stock", async (ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken) =>
            new ProductPage<StockBook>(Books(await CountAsync(catalogue, warehouse, cancellationToken)).Stock, null)).RequireAuthorization("admin");
    }

    private static InventoryBooks Books((string ProductId, StockDocument Stock)[] counts) => new(
        [.. counts.Select(of => new StockBook(of.ProductId, of.Stock.Initial, of.Stock.OnHand, of.Stock.Reserved, of.Stock.Shipped))],
        [.. counts.SelectMany(of => of.Stock.Lines.Select(line => new OpenLine(of.ProductId, line.Key, LineId.Parse(line.Key).OrderId, line.Value)))]);

    private static Task<(string ProductId, StockDocument Stock)[]> CountAsync(
        ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken) =>
        Task.WhenAll(catalogue.Ids.Select(async id => (id, await warehouse.ReadAsync(id, cancellationToken))));
}
