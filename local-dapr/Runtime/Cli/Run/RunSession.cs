using System.Security.Cryptography;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>What the run commands leave to the user.</summary>
internal sealed record RunSettings
{
    public Backends Backends { get; init; } = Backends.Embedded;

    public Durability Durability { get; init; } = Durability.Normal;

    public EmbeddedFaults Faults { get; init; }

    public bool Restart { get; init; } = true;
}

/// <summary>One run: a runtime in this process, a sidecar and a process for each app, until it is stopped.</summary>
internal sealed partial class RunSession : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(20);

    private readonly RunFile file;
    private readonly RunSettings settings;
    private readonly DataFolder data;
    private readonly RunConsole console;
    private readonly LocalRuntime runtime;
    private readonly List<RunningAppHost> apps = [];
    private readonly Lock stateLock = new();
    private readonly TaskCompletionSource workAllowed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunSession(RunFile file, RunSettings settings, DataFolder data, RunConsole console)
    {
        this.file = file;
        this.settings = settings;
        this.data = data;
        this.console = console;
        runtime = new LocalRuntime(
            new RuntimeOptions { Backends = settings.Backends, DataDirectory = data.Path, Durability = settings.Durability, Faults = settings.Faults, StrictResources = true },
            TimeProvider.System) { WorkAllowed = workAllowed.Task };
    }

    /// <summary>Tokens of this run; those of the environment win, as they would with the real CLI.</summary>
    private (string Api, string App) Tokens { get; } = (Token("DAPR_API_TOKEN"), Token("APP_API_TOKEN"));

    /// <summary>Checks everything that can be checked, then starts all sidecars and apps. On failure nothing is left behind.</summary>
    public static async Task<RunSession> StartAsync(RunFile file, RunSettings settings, DataFolder data, RunConsole console, CancellationToken cancellation)
    {
        Preflight.Check(file, settings.Backends);
        if (RunState.Read(data.Path) is { } earlier)
            await earlier.EndLeftoversAsync(console.Say);
        Preflight.CheckPorts(file);
        var session = new RunSession(file, settings, data, console);
        try
        {
            await session.StartAppsAsync(cancellation);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when every app is healthy, in the order of the run file's table.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        // An app that never starts must not keep the others from their work.
        await Task.WhenAny(Task.WhenAll(apps.Select(a => a.Sidecar.AcceptsCalls.Task)), Task.Delay(LongestStart, cancellation));
        workAllowed.TrySetResult();
        await Task.WhenAll(apps.Select(a => a.Sidecar.Ready.Task)).WaitAsync(cancellation);
    }

    public IReadOnlyList<RunningApp> Apps => [.. apps.Select(a => a.Describe())];

    public async ValueTask DisposeAsync()
    {
        foreach (var app in apps)
            app.StopRestarting();
        await Task.WhenAll(apps.Select(a => a.DisposeAsync().AsTask()));
        await runtime.DisposeAsync();
        RunState.Remove(data.Path);
    }

    private static string Token(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? given : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    private async Task StartAppsAsync(CancellationToken cancellation)
    {
        foreach (var spec in file.Apps)
        {
            var sidecar = await Sidecar.StartAsync(runtime, SidecarFor(spec), console.LoggersFor(spec), cancellation);
            apps.Add(new RunningAppHost(spec, sidecar, EnvironmentOf(spec, sidecar), console, settings.Restart, WriteState));
        }
        foreach (var app in apps)
            app.Start();
        WriteState();
    }

    private void WriteState()
    {
        lock (stateLock)
            new RunState(RecordedProcess.Current, Apps).Write(data.Path);
    }

    private SidecarOptions SidecarFor(AppSpec spec) => new()
    {
        AppId = spec.AppId,
        AppPort = spec.AppPort,
        AppProtocol = Enum.Parse<AppProtocol>(spec.AppProtocol, ignoreCase: true),
        AppChannelAddress = spec.AppChannelAddress,
        AppMaxConcurrency = spec.AppMaxConcurrency,
        HttpPort = spec.HttpPort,
        GrpcPort = spec.GrpcPort,
        InternalGrpcPort = spec.InternalGrpcPort,
        EnableMetrics = spec.MetricsPort > 0,
        MetricsPort = spec.MetricsPort,
        ListenAddresses = spec.ListenAddresses,
        ResourcesPaths = spec.ResourcesPaths,
        ConfigFiles = spec.ConfigFile is { } config ? [config] : [],
        MaxBodySize = Quantity.ParseBytes(spec.MaxBodySize),
        ReadBufferSize = (int)Quantity.ParseBytes(spec.ReadBufferSize),
        EnableAppHealthCheck = spec.EnableAppHealthCheck,
        AppHealthCheckPath = spec.AppHealthCheckPath,
        AppHealthProbeInterval = TimeSpan.FromSeconds(spec.AppHealthProbeInterval),
        AppHealthProbeTimeout = TimeSpan.FromMilliseconds(spec.AppHealthProbeTimeout),
        AppHealthThreshold = spec.AppHealthThreshold,
        EnableApiLogging = spec.EnableApiLogging,
        LogLevel = spec.LogLevel,
        ApiToken = Tokens.Api,
        AppApiToken = Tokens.App,
        Namespace = Environment.GetEnvironmentVariable("NAMESPACE") ?? "",
        WorkingDirectory = spec.Folder,
    };

    private Dictionary<string, string> EnvironmentOf(AppSpec spec, Sidecar sidecar)
    {
        var environment = new Dictionary<string, string>
        {
            ["APP_ID"] = spec.AppId,
            ["APP_CHANNEL_ADDRESS"] = spec.AppChannelAddress,
            ["APP_PROTOCOL"] = spec.AppProtocol,
            ["DAPR_HTTP_PORT"] = $"{sidecar.HttpPort}",
            ["DAPR_GRPC_PORT"] = $"{sidecar.GrpcPort}",
            // The SDKs' default host is localhost, which may mean ::1 first.
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{sidecar.HttpPort}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{sidecar.GrpcPort}",
            ["DAPR_API_TOKEN"] = Tokens.Api,
            ["APP_API_TOKEN"] = Tokens.App,
            ["APP_DATA_DIR"] = data.ForApp(spec.AppId),
        };
        if (spec.AppPort > 0)
            environment["APP_PORT"] = $"{spec.AppPort}";
        if (spec.MetricsPort > 0)
            environment["DAPR_METRICS_PORT"] = $"{spec.MetricsPort}";
        foreach (var (name, value) in spec.Environment)
            environment[name] = value;
        return environment;
    }
}
