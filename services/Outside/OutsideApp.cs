using Quayside.Outside.Bank;
using Quayside.Outside.Carrier;
using Quayside.Outside.Ledgers;
using Quayside.ServiceDefaults;

namespace Quayside.Outside;

/// <summary>The simulated bank and carrier. They know nothing of the shop: only what was asked of them, by idempotency key.</summary>
public static class OutsideApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("outside", port: 3009);
        builder.Services.Configure<OutsideOptions>(builder.Configuration.GetSection("Outside"));
        builder.Services.AddSingleton<Ledger>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Ledger>());

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapBank();
        app.MapCarrier();
        return app;
    }
}
