using Quayside.Outside.Bank;
using Quayside.Outside.Carrier;
using Quayside.Outside.Ledgers;

namespace Quayside.Outside;

/// <summary>The simulated bank and carrier. They know nothing of the shop: only what was asked of them, by idempotency key.</summary>
public static class OutsideApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.Configure<OutsideOptions>(builder.Configuration.GetSection("Outside"));
        builder.Services.AddSingleton<Ledger>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Ledger>());

        var app = builder.Build();
        app.MapBank();
        app.MapCarrier();
        return app;
    }
}
