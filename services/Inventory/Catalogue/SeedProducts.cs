using Dapr;
using Microsoft.Extensions.Options;
using Quayside.Inventory.Stock;

namespace Quayside.Inventory.Catalogue;

/// <summary>Creates what is missing and keeps what is there. In the background: the sidecar waits for this app before it is ready itself.</summary>
internal sealed partial class SeedProducts(
    Warehouse warehouse, ProductCatalogue catalogue, IOptions<InventoryOptions> options, TimeProvider time, ILogger<SeedProducts> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TrySeedAsync(stoppingToken)) await Task.Delay(Pause, time, stoppingToken);
    }

    private async Task<bool> TrySeedAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(FirstProducts.All.Select(product => SeedAsync(product, stoppingToken)));
            catalogue.Open(FirstProducts.All.Select(product => product.ProductId));
            return true;
        }
        catch (DaprException failure)
        {
            Log.Waiting(logger, failure.Message);
            return false;
        }
    }

    private async Task SeedAsync(Product product, CancellationToken cancellationToken)
    {
        if (await catalogue.ReadAsync(product.ProductId, cancellationToken) is not null) return;

        // Stock first: a product that can be seen can be bought.
        await warehouse.OpenAsync(product.ProductId, options.Value.InitialStock, cancellationToken);
        await catalogue.ChangeAsync(product.ProductId, there => (there ?? ProductDocument.Of(product), true), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Waiting for the state store: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
