using System.Collections.Concurrent;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Invocation;
using LocalDapr.Runtime.Metrics;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Hosting;

/// <summary>What the features of one sidecar share.</summary>
public sealed class SidecarContext(SidecarOptions options, LocalRuntime runtime, DaprConfiguration configuration, AppChannel app, Policies policies, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ConcurrentDictionary<Type, ISidecarFeature> byType = new();

    public SidecarOptions Options { get; } = options;

    public LocalRuntime Runtime { get; } = runtime;

    public DaprConfiguration Configuration { get; } = configuration;

    public AppChannel App { get; } = app;

    public Policies Policies { get; } = policies;

    public ILoggerFactory Loggers { get; } = loggers;

    public TimeProvider Time { get; } = time;

    /// <summary>The page of the metrics port.</summary>
    public MetricSet Metrics { get; } = new(options.AppId);

    /// <summary>Finds sidecars of other processes; null when no name resolution is configured.</summary>
    internal NameRegistry? Names { get; set; }

    /// <summary>All features, in start order; empty until the sidecar is composed.</summary>
    public IReadOnlyList<ISidecarFeature> Features { get; internal set; } = [];

    /// <summary>Cancelled when the sidecar stops.</summary>
    public CancellationToken Stopping { get; internal set; }

    public T Feature<T>()
        where T : class, ISidecarFeature => (T)byType.GetOrAdd(typeof(T), static (_, all) => all.OfType<T>().First(), Features);
}
