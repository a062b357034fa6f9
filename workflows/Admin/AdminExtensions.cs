using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Quayside.Workflows.Approving;
using Quayside.Workflows.Reconciling;

namespace Quayside.Workflows.Admin;

internal static class AdminExtensions
{
    public static WebApplicationBuilder AddAdmin(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Sagas>().AddSingleton<SagaMetrics>();
        builder.Services.AddSingleton<UsedKeys>().AddSingleton<ApprovalDesk>();
        builder.Services.Configure<ReconciliationOptions>(builder.Configuration.GetSection("Reconciliation"));
        builder.Services.TryAddSingleton<IBooksSource, HouseBooks>();
        builder.Services.AddSingleton(services => new BooksReader(
            services.GetRequiredService<IBooksSource>(), services.GetRequiredService<IOptions<ReconciliationOptions>>().Value.LineGrace,
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<SagaMetrics>().Ended));
        builder.Services.AddSingleton<Reconciliation>().AddHostedService(services => services.GetRequiredService<Reconciliation>());
        return builder;
    }
}
