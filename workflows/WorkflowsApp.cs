using System.Text.Json;
using Dapr.Workflow;
using Microsoft.Extensions.Configuration.Memory;
using Quayside.Contracts;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;
using Quayside.ServiceDefaults.Parking;
using Quayside.ServiceDefaults.Subscribing;
using Quayside.Workflows.Admin;
using Quayside.Workflows.OrderSaga;
using Quayside.Workflows.Starting;
using Quayside.Workflows.Sweeping;
using Quayside.Workflows.UserRegistration;

namespace Quayside.Workflows;

/// <summary>The app that hosts the sagas. Only this app uses the workflow client: instances belong to the app id that hosts the worker.</summary>
public static class WorkflowsApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        // Money is better left alone than handled by code that does not fit the history of its order.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Dapr:Workflow:NonDeterminism", "stall")] });
        configure?.Invoke(builder);
        builder.AddServiceDefaults("workflows", 3008);
        builder.AddDapr();
        builder.Services.AddDaprWorkflow(Register);
        builder.Services.AddSingleton<IDaprWorkflowClient>(services => services.GetRequiredService<DaprWorkflowClient>());
        builder.Services.AddSingleton<OrderClient>().AddSingleton<SagaStarter>().AddSingleton<RegistrationStarter>();
        builder.AddAdmin();
        builder.Services.AddParking("workflow-store", (services, happened, cancellationToken) => OrderEventRoutes.HandleAsync(
            happened.Deserialize<EventEnvelope>(JsonSerializerOptions.Web)!, services.GetRequiredService<SagaStarter>(), cancellationToken));
        builder.Services.Configure<SweepOptions>(builder.Configuration.GetSection("Sweep"));
        builder.Services.AddHostedService<Sweep>();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.UseSubscriptions();
        app.MapOrderEvents();
        app.MapParking("workflows", Topics.PubSub, OrderEventRoutes.DeadLetters);
        app.MapRegistrations();
        app.MapAdmin();
        return app;
    }

    private static void Register(WorkflowRuntimeOptions workflows)
    {
        workflows.RegisterWorkflow<OrderSaga.OrderSaga>();
        workflows.RegisterActivity<OpenOrderActivity>();
        workflows.RegisterActivity<ExpireApprovalActivity>();
        workflows.RegisterActivity<ReserveItemsActivity>();
        workflows.RegisterActivity<ReleaseItemsActivity>();
        workflows.RegisterActivity<ChargeCardActivity>();
        workflows.RegisterActivity<RefundChargeActivity>();
        workflows.RegisterActivity<CreateShipmentActivity>();
        workflows.RegisterActivity<CancelShipmentActivity>();
        workflows.RegisterActivity<CommitStockActivity>();
        workflows.RegisterActivity<CancelOrderActivity>();

        workflows.RegisterWorkflow<UserRegistration.UserRegistration>();
        workflows.RegisterActivity<ValidateUserActivity>();
        workflows.RegisterActivity<CreateUserActivity>();
        workflows.RegisterActivity<SendWelcomeEmailActivity>();
        workflows.RegisterActivity<SendValidationErrorActivity>();
    }
}
