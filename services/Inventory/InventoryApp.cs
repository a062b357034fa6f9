using Quayside.Caching;
using Quayside.Inventory.Catalogue;
using Quayside.Inventory.Changing;
using Quayside.Inventory.Committing;
using Quayside.Inventory.Releasing;
using Quayside.Inventory.Reserving;
using Quayside.Inventory.Stock;
using Quayside.Inventory.Sweeping;
using Quayside.Saga.Participants;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Inventory;

public static class InventoryApp
{
    internal const string Store = "inventory-store";

    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("inventory-service", port: 3004);
        builder.AddDapr();
        builder.Services.Configure<InventoryOptions>(builder.Configuration.GetSection("Inventory"));
        builder.Services.AddParticipant<Reservation>(Store, prefix: "reservation-");
        builder.Services.AddSingleton<Warehouse>().AddSingleton<OrderTurns>().AddSingleton<ProductCatalogue>().AddSingleton<ChangeProductHandler>();
        builder.Services.AddMultiLevelCache();
        builder.Services.AddSingleton<ReserveItemsHandler>().AddSingleton<ReleaseItemsHandler>().AddSingleton<CommitItemsHandler>();
        builder.Services.AddHostedService<SeedProducts>().AddHostedService<LineSweep>();
        builder.Services.AddHealthChecks().AddCheck<CatalogueCheck>("catalogue");

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.UseSubscriptions();
        app.MapProducts();
        app.MapProductChanges();
        app.MapInventory();
        app.MapCacheInvalidations();
        return app;
    }
}
