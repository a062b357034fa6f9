using Quayside.Saga.Participants;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;
using Quayside.Shipping.Cancelling;
using Quayside.Shipping.Creating;

namespace Quayside.Shipping;

public static class ShippingApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("shipping-service", port: 3006);
        builder.AddDapr();
        builder.Services.AddParticipant<Parcel>("shipping-store", prefix: "shipment-");
        builder.Services.AddSingleton<Carrier>().AddSingleton<CreateShipmentHandler>().AddSingleton<CancelShipmentHandler>();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.MapShipments();
        return app;
    }
}
