using Quayside.Payments.Charging;
using Quayside.Payments.Refunding;
using Quayside.Saga.Participants;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Payments;

public static class PaymentsApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("payment-service", port: 3005);
        builder.AddDapr();
        builder.Services.AddParticipant<Capture>("payments-store", prefix: "payment-");
        builder.Services.AddSingleton<Bank>().AddSingleton<ChargeCardHandler>().AddSingleton<RefundChargeHandler>();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.MapPayments();
        return app;
    }
}
