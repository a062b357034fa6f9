using Dapr.Common.Serialization;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dapr.Workflow;

/// <summary>Adds the workflow worker and <see cref="DaprWorkflowClient"/> to an app.</summary>
public static class WorkflowServiceCollectionExtensions
{
    /// <summary>Call it once: registrations of a second call are ignored.</summary>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection serviceCollection, Action<WorkflowRuntimeOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return serviceCollection.AddDaprWorkflowBuilder(configure, lifetime: lifetime).Services;
    }

    public static DaprWorkflowBuilder AddDaprWorkflowBuilder(this IServiceCollection serviceCollection, Action<WorkflowRuntimeOptions>? configureRuntime,
        Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(serviceCollection);
        serviceCollection.TryAddSingleton(new MessageSizeLimits(null, null));
        serviceCollection.TryAddSingleton<IDaprSerializer>(_ => new JsonDaprSerializer());
        serviceCollection.TryAddSingleton(TimeProvider.System);
        serviceCollection.TryAddSingleton<WorkflowChannel>();
        serviceCollection.TryAdd(new ServiceDescriptor(typeof(DaprWorkflowClient), provider =>
        {
            var builder = new DaprWorkflowClientBuilder(provider.GetService<IConfiguration>());
            configureClient?.Invoke(provider, builder);
            return builder.Build(provider.GetRequiredService<WorkflowChannel>().Channel);
        }, lifetime));
        if (serviceCollection.Any(s => s.ServiceType == typeof(WorkflowRuntimeOptions)))
            return new(serviceCollection);
        var options = new WorkflowRuntimeOptions();
        configureRuntime?.Invoke(options);
        serviceCollection.AddSingleton(options);
        serviceCollection.AddHostedService<WorkflowWorker>();
        return new(serviceCollection);
    }
}
