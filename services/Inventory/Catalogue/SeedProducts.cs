using System.Text.Json;
using Dapr;
using Dapr.Client;
using Microsoft.Extensions.Options;
using Quayside.Inventory.Stock;

namespace Quayside.Inventory.Catalogue;

/// <summary>Creates what is missing and keeps what is there. In the background: the sidecar waits for this app before it is ready itself.</summary>
internal sealed partial class SeedProducts(
    DaprClient dapr, Warehouse warehouse, ProductCatalogue catalogue, IOptions<InventoryOptions> options, TimeProvider time, ILogger<SeedProducts> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TrySeedAsync(stoppingToken)) await Task.Delay(Pause, time, stoppingToken);
    }

    private async Task<bool> TrySeedAsync(CancellationToken stoppingToken)
    {
        try
        {
            catalogue.Fill(await Task.WhenAll(FirstProducts.All.Select(product => SeedAsync(product, stoppingToken))));
            return true;
        }
        catch (DaprException failure)
        {
            Log.Waiting(logger, failure.Message);
            return false;
        }
    }

    private async Task<Product> SeedAsync(Product product, CancellationToken cancellationToken)
    {
        var stored = await ReadAsync(product.ProductId, cancellationToken);
        if (stored is not null) return stored;

        // Stock first: a product that can be seen can be bought.
        await warehouse.OpenAsync(product.ProductId, options.Value.InitialStock, cancellationToken);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(product, Json);
        await dapr.TrySaveByteStateAsync(InventoryApp.Store, Key(product.ProductId), bytes, etag: "", FirstWrite, cancellationToken: cancellationToken);
        return await ReadAsync(product.ProductId, cancellationToken) ?? product;
    }

    private async Task<Product?> ReadAsync(string productId, CancellationToken cancellationToken)
    {
        var bytes = await dapr.GetByteStateAsync(InventoryApp.Store, Key(productId), cancellationToken: cancellationToken);
        return bytes.IsEmpty ? null : JsonSerializer.Deserialize<Product>(bytes.Span, Json);
    }

    private static string Key(string productId) => $"product-{productId}";

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Waiting for the state store: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
