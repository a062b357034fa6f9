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
            new InventoryBooks(await CountAsync(catalogue, warehouse, cancellationToken)));

        app.MapGet("/api/admin/stock", async (ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken) =>
            new ProductPage<StockBook>(await CountAsync(catalogue, warehouse, cancellationToken), null)).RequireAuthorization("admin");
    }

    private static async Task<IReadOnlyList<StockBook>> CountAsync(
        ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken) =>
        await Task.WhenAll(catalogue.All.Select(async product =>
        {
            var stock = await warehouse.ReadAsync(product.ProductId, cancellationToken);
            return new StockBook(product.ProductId, stock.Initial, stock.OnHand, stock.Reserved, stock.Shipped);
        }));
}
