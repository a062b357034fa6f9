using System.Reflection;
using System.Runtime.CompilerServices;
using Dapr.Common.Serialization;
using Dapr.Workflow.Registration;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dapr.Workflow;

/// <summary>
/// Adds the workflow worker and <see cref="DaprWorkflowClient"/> to an app. Call one of them once: registrations of a second call are ignored.
/// </summary>
public static partial class WorkflowServiceCollectionExtensions
{
    /// <summary>
    /// Registers every workflow and activity class of the calling assembly under its short name, and what <see cref="WorkflowAutoRegistry"/> holds. (The
    /// official package finds the classes with a source generator.)
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services)
    {
        var caller = Assembly.GetCallingAssembly();
        return services.AddDaprWorkflowBuilder(options => options.RegisterAll(caller)).Services;
    }

    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services, Action<WorkflowRuntimeOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddDaprWorkflowBuilder(configure, lifetime: lifetime).Services;
    }

    public static DaprWorkflowBuilder AddDaprWorkflowBuilder(this IServiceCollection services, Action<WorkflowRuntimeOptions>? configureRuntime,
        Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(new MessageSizeLimits(null, null));
        services.TryAddSingleton<IDaprSerializer>(_ => new JsonDaprSerializer());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<WorkflowChannel>();
        services.TryAdd(new ServiceDescriptor(typeof(DaprWorkflowClient), provider =>
        {
            var builder = new DaprWorkflowClientBuilder(provider.GetService<IConfiguration>());
            configureClient?.Invoke(provider, builder);
            return builder.Build(provider.GetRequiredService<WorkflowChannel>());
        }, lifetime));
        if (services.Any(s => s.ServiceType == typeof(WorkflowRuntimeOptions)))
            return new(services);
        var options = new WorkflowRuntimeOptions();
        configureRuntime?.Invoke(options);
        WorkflowAutoRegistry.Apply(options);
        services.AddSingleton(options);
        services.TryAddSingleton<IWorkflowsFactory>(_ => WorkflowsFactory.Of(options));
        services.AddHostedService<WorkflowWorker>();
        return new(services);
    }
}
