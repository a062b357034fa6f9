using System.Text.Json;
using Quayside.Caching;
using Quayside.Contracts;
using Quayside.Orders.Admission;
using Quayside.Orders.Commands;
using Quayside.Orders.Customers;
using Quayside.Orders.Forgetting;
using Quayside.Orders.Live;
using Quayside.Orders.Order;
using Quayside.Orders.Pricing;
using Quayside.Orders.Privacy;
using Quayside.Orders.Queries;
using Quayside.Orders.Resharding;
using Quayside.Orders.Storage;
using Quayside.Outbox;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;
using Quayside.ServiceDefaults.Parking;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Orders;

/// <summary>Orders: the write side is an event store, the read side a projection of it, the outbox the store itself.</summary>
public static class OrdersApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("order-service", 3002);
        builder.AddDapr();
        builder.Services.Configure<OrdersOptions>(builder.Configuration.GetSection("Orders"));
        builder.Services.AddSingleton<OrdersDatabases>().AddSingleton<Shards>().AddSingleton<OrderRunner>().AddSingleton<OrderReader>().AddHostedService<ShardWorkers>().AddSingleton<ReshardingSignal>().AddHostedService<ReshardingWorker>();
        builder.Services.AddSingleton<ForgottenUsers>().AddHostedService<Shredder>().AddSingleton<UserKeys>().AddSingleton<PrivateData>().AddTransient<CreateOrderHandler>();
        builder.Services.Configure<AdmissionOptions>(builder.Configuration.GetSection("Orders:Admission")).AddSingleton<AdmissionControl>();
        builder.Services.Configure<LiveOptions>(builder.Configuration.GetSection("Orders:Live"));
        builder.Services.AddSingleton<OrderChanges>().AddSingleton<OrderFeed>().AddSingleton<OpenStreams>();
        builder.Services.AddSingleton<Catalogue>().AddSingleton<CustomerDirectory>().AddSecrets();
        builder.Services.AddDaprPublisher(Topics.PubSub, Topics.Orders, "order-service");
        builder.Services.AddMultiLevelCache(store: "cache-store");
        builder.Services.AddParking("orders-store", (services, happened, cancellationToken) => UserDeletions.HandleAsync(
            happened.Deserialize<EventEnvelope>(JsonSerializerOptions.Web)!, services.GetRequiredService<ForgottenUsers>(), services.GetRequiredService<CustomerDirectory>(), cancellationToken));
        builder.Services.AddHealthChecks().AddCheck<ShardsHealth>("shards");

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.UseSubscriptions();
        app.MapOrders();
        app.MapUserDeletions();
        app.MapParking("order-service", Topics.PubSub, UserDeletions.DeadLetters);
        app.MapCacheInvalidations();
        return app;
    }
}
