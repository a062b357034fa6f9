using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Invocation;
using LocalDapr.Runtime.Metrics;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Resources;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Hosting;

/// <summary>One sidecar: its features, servers and life (contract section 16).</summary>
public sealed partial class Sidecar : IAsyncDisposable
{
    private readonly SidecarContext context;
    private readonly CancellationTokenSource stopping = new();
    private readonly ApiRoutes http = new();
    private readonly GrpcServices grpc;
    private readonly SidecarServers servers;
    private readonly ILogger log;
    private ResourceSet resources = ResourceSet.Empty;
    private Task appLife = Task.CompletedTask;

    private Sidecar(SidecarContext context)
    {
        this.context = context;
        context.Stopping = stopping.Token;
        context.Features = SidecarFeatures.Create(context, this);
        grpc = new GrpcServices(new() { MaxReceiveMessageSize = (int)Math.Min(Options.MaxBodySize, int.MaxValue), Logger = context.Loggers.CreateLogger("dapr.grpc"), TimeProvider = context.Time });
        servers = new SidecarServers(context, http, grpc);
        log = context.Loggers.CreateLogger($"dapr.{context.Options.AppId}");
    }

    public SidecarOptions Options => context.Options;

    public SidecarContext Context => context;

    /// <summary>The HTTP API, once the sidecar is open.</summary>
    public ApiRoutes Routes => http;

    /// <summary>Components of this sidecar that are loaded, in load order.</summary>
    public IReadOnlyList<Component> Components { get; private set; } = [];

    public int HttpPort => servers.HttpPort;

    public int GrpcPort => servers.GrpcPort;

    /// <summary>Where sidecars of other processes call; 0 when no name resolution is configured.</summary>
    public int InternalPort => servers.InternalPort;

    /// <summary>Components are loaded and the APIs answer: GET /v1.0/healthz/outbound.</summary>
    public bool IsOutboundReady { get; private set; }

    /// <summary>All of the start is done, the app included: GET /v1.0/healthz.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Completes when something asked this sidecar to stop: POST /v1.0/shutdown. The value is the exit code.</summary>
    public TaskCompletionSource<int> StopRequested { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the app was seen open, and healthy where that is checked; at once without an app.</summary>
    public TaskCompletionSource AcceptsCalls { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when <see cref="IsReady"/> turns true.</summary>
    public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says not ready from now on, while everything still answers: the time that --dapr-block-shutdown-duration gives to others to turn away.</summary>
    public void BlockShutdown() => IsReady = false;

    /// <summary>Loads the components, opens the ports and returns; waiting for the app goes on behind.</summary>
    public static async Task<Sidecar> StartAsync(LocalRuntime runtime, SidecarOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        if (!SidecarOptions.IsAppId(options.AppId))
            throw new ArgumentException($"`{options.AppId}` is not an app id", nameof(options));
        var configuration = DaprConfiguration.Load(options.ConfigFiles);
        var context = new SidecarContext(options, runtime, configuration, new AppChannel(options), new Policies(runtime.Time), loggers, runtime.Time);
        context.Policies.Watch = (resource, direction, target) => new PolicyMetrics(context.Metrics, resource, direction, target);
        var calls = new HttpMetrics(context.Metrics, ["dapr_http_client_completed_count"], "dapr_http_client_roundtrip_latency");
        context.App.Answered = (request, status, took) => calls.Record(request.Method.Method, request.RequestUri!.AbsolutePath, status, took.TotalMilliseconds);
        context.Names = NameRegistry.Create(configuration, options, runtime.Time);
        var sidecar = new Sidecar(context);
        try
        {
            await sidecar.OpenAsync(cancellation);
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
        return sidecar;
    }

    /// <summary>Loads added, reloads changed and drops removed resources. At start a component that fails ends it; later it is reported and left out.</summary>
    public async Task ApplyAsync(ResourceSet next, CancellationToken cancellation)
    {
        var gone = resources.Components.Where(c => !next.Components.Any(n => Same(n, c))).ToArray();
        foreach (var component in gone)
            await UnloadAsync(component.Name);
        var added = next.Components.Where(c => !resources.Components.Any(o => Same(o, c))).ToArray();
        resources = next;
        context.Policies.Load(next.Resiliencies, context.Runtime.Options.StrictResources ? null : failure => Log.Skipped(log, failure.Message));
        foreach (var name in context.Policies.Loaded)
            context.Metrics.Number("dapr_resiliency_loaded", gauge: true, ("name", name), ("namespace", "")).Set(1);
        foreach (var component in added.OrderBy(c => c.Type.StartsWith("secretstores.", StringComparison.Ordinal) ? 0 : 1))
        {
            try
            {
                await LoadAsync(component, cancellation);
            }
            catch (Exception failure) when (IsOutboundReady && failure is not OperationCanceledException)
            {
                resources = resources with { Components = [.. resources.Components.Where(c => c != component)] };
                Log.NotLoaded(log, component.Name, failure.Message);
            }
        }
        foreach (var feature in context.Features)
            await feature.ApplyAsync(next, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        IsReady = IsOutboundReady = false;
        context.Runtime.Remove(this);
        if (context.Names is { } names)
            await names.DisposeAsync();
        using (var grace = new CancellationTokenSource(Options.GracefulShutdown))
        {
            foreach (var feature in context.Features.Reverse())
            {
                try
                {
                    await feature.StopAsync().WaitAsync(grace.Token);
                }
                catch (Exception failure)
                {
                    Log.StopFailed(log, feature.GetType().Name, failure.Message);
                }
            }
        }
        await stopping.CancelAsync();
        try
        {
            await appLife;
        }
        catch (OperationCanceledException)
        {
        }
        await servers.DisposeAsync();
        foreach (var component in Components.Reverse().ToArray())
            await UnloadAsync(component.Name);
        await context.App.DisposeAsync();
        stopping.Dispose();
    }

    private static bool Same(ComponentSpec a, ComponentSpec b) =>
        a.Name == b.Name && a.Type == b.Type && a.Version == b.Version && a.Metadata.SequenceEqual(b.Metadata);

    private async Task OpenAsync(CancellationToken cancellation)
    {
        await ApplyAsync(LoadResources(), cancellation);
        foreach (var feature in context.Features)
            feature.Map(http, grpc);
        http.RemoveWhere(context.Configuration.IsHttpClosed);
        await servers.StartAsync(cancellation);
        context.Runtime.Add(this);
        context.Names?.Register(Options.AppId, $"{Environment.GetEnvironmentVariable("DAPR_HOST_IP") ?? "127.0.0.1"}:{servers.InternalPort}");
        foreach (var feature in context.Features)
            await feature.StartAsync(cancellation);
        IsOutboundReady = true;
        appLife = Task.WhenAll(AppLifeAsync(), WatchAsync());
    }

    private async Task WatchAsync()
    {
        if (context.Configuration.Spec.Items("features").Any(f => f.Text("name") == "HotReload" && f.Text("enabled") == "false"))
            return;
        var watcher = context.Runtime.Shared(_ => new ResourceWatcher(context.Loggers.CreateLogger("dapr.resources")));
        await watcher.RunAsync(Options.ResourcesPaths, ReloadAsync, context.Time, stopping.Token);
    }

    private async Task ReloadAsync()
    {
        try
        {
            await ApplyAsync(LoadResources(), stopping.Token);
        }
        catch (Exception failure) when (failure is ResourceException or IOException)
        {
            Log.NotReloaded(log, failure.Message);
        }
    }

    private ResourceSet LoadResources()
    {
        var denied = context.Configuration.Spec.Texts("components.deny");
        var loaded = ResourceSet.Load(Options.ResourcesPaths, Options.AppId, context.Runtime.Options.StrictResources, failure => Log.Skipped(log, failure.Message));
        return loaded with { Components = [.. loaded.Components.Where(c => !denied.Contains(c.Type) && !denied.Contains($"{c.Type}/{c.Version}"))] };
    }

    private async Task AppLifeAsync()
    {
        if (context.App.Exists)
        {
            await context.App.WaitForPortAsync(stopping.Token);
            if (Options.EnableAppHealthCheck)
            {
                // Dapr's own health does not wait for the app's.
                IsReady = true;
                await AppHealth.WaitUntilHealthyAsync(context, stopping.Token);
            }
            else
            {
                await context.App.SetHealthAsync(true);
            }
        }
        AcceptsCalls.TrySetResult();
        await context.Runtime.WorkAllowed.WaitAsync(stopping.Token);
        foreach (var feature in context.Features)
            await feature.AppReadyAsync(stopping.Token);
        IsReady = true;
        Ready.TrySetResult();
        if (context.App.Exists && Options.EnableAppHealthCheck)
            await AppHealth.WatchAsync(context, stopping.Token);
    }

    private async Task LoadAsync(ComponentSpec spec, CancellationToken cancellation)
    {
        var feature = context.Features.FirstOrDefault(f => f.Loads(spec.Type))
            ?? throw new ResourceException(spec.File, spec.Line, $"component type `{spec.Type}` is not served by this runtime", "Correct `spec.type`, or run the real Dapr for it.");
        try
        {
            var component = await ComponentResolver.ResolveAsync(spec, context, cancellation);
            if (component is null)
                return;
            await feature.LoadAsync(component, cancellation);
            Components = [.. Components, component];
        }
        catch (Exception failure) when (spec.IgnoreErrors && failure is not OperationCanceledException)
        {
            Log.ComponentIgnored(log, spec.Name, failure.Message);
        }
    }

    private async Task UnloadAsync(string name)
    {
        if (Components.FirstOrDefault(c => c.Name == name) is not { } component)
            return;
        Components = [.. Components.Where(c => c != component)];
        await context.Features.First(f => f.Loads(component.Type)).UnloadAsync(name);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "skipped {Problem}")]
        public static partial void Skipped(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "component {Name} could not be loaded and says ignoreErrors: {Problem}")]
        public static partial void ComponentIgnored(ILogger logger, string name, string problem);

        [LoggerMessage(Level = LogLevel.Error, Message = "component {Name} was changed and could not be loaded: {Problem}")]
        public static partial void NotLoaded(ILogger logger, string name, string problem);

        [LoggerMessage(Level = LogLevel.Error, Message = "the changed resources cannot be used, the old ones stay: {Problem}")]
        public static partial void NotReloaded(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Feature} did not stop cleanly: {Problem}")]
        public static partial void StopFailed(ILogger logger, string feature, string problem);
    }
}
