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

/// <summary>One run: a runtime in this process, a sidecar and a process for each app, until it is stopped. Other runs may join it with apps of theirs.</summary>
internal sealed partial class RunSession : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(20);

    private readonly RunSettings settings;
    private readonly DataFolder data;
    private readonly RunConsole console;
    private readonly LocalRuntime runtime;
    private readonly List<Member> members = [];
    private readonly Lock stateLock = new();
    private readonly TaskCompletionSource workAllowed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ControlServer? control;

    private RunSession(RunSettings settings, DataFolder data, RunConsole console)
    {
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
        var session = new RunSession(settings, data, console);
        try
        {
            var own = await session.AddAsync(file, cancellation);
            foreach (var member in own)
                member.StartApp(console, settings.Restart, session.WriteState);
            session.control = new ControlServer(data.Path, session, console.Say);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when every app of the run file is healthy.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        var own = Members;
        // An app that never starts must not keep the others from their work.
        await Task.WhenAny(Task.WhenAll(own.Select(m => m.Sidecar.AcceptsCalls.Task)), Task.Delay(LongestStart, cancellation));
        workAllowed.TrySetResult();
        await Task.WhenAll(own.Select(m => m.Sidecar.Ready.Task)).WaitAsync(cancellation);
    }

    /// <summary>What every API call needs.</summary>
    public string ApiToken => Tokens.Api;

    /// <summary>All apps, those of joined runs too.</summary>
    public IReadOnlyList<RunningApp> Apps => [.. Members.Select(m => m.Describe())];

    /// <summary>Checks the apps of a run file and starts their sidecars, all or none; the processes are the caller's to start.</summary>
    /// <exception cref="Resources.ResourceException">The run file or a resource is wrong.</exception>
    /// <exception cref="PortTakenException">A port is in use.</exception>
    public async Task<IReadOnlyList<Member>> AddAsync(RunFile run, CancellationToken cancellation)
    {
        Preflight.Check(run, settings.Backends);
        Preflight.CheckPorts(run);
        List<Member> added = [];
        try
        {
            foreach (var spec in run.Apps)
            {
                var sidecar = await Sidecar.StartAsync(runtime, SidecarFor(spec), console.LoggersFor(spec), cancellation);
                added.Add(new Member(spec, sidecar, EnvironmentOf(spec, sidecar)));
            }
        }
        catch
        {
            await Task.WhenAll(added.Select(m => m.Sidecar.DisposeAsync().AsTask()));
            throw;
        }
        lock (stateLock)
            members.AddRange(added);
        WriteState();
        return added;
    }

    /// <summary>Ends the sidecars of a run that joined.</summary>
    public async Task RemoveAsync(IReadOnlyList<Member> leaving)
    {
        lock (stateLock)
            members.RemoveAll(leaving.Contains);
        await Task.WhenAll(leaving.Select(m => m.DisposeAsync().AsTask()));
        WriteState();
    }

    public void WriteState()
    {
        lock (stateLock)
            new RunState(RecordedProcess.Current, Apps).Write(data.Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (control is not null)
            await control.DisposeAsync();
        var own = Members;
        foreach (var member in own)
            member.StopRestarting();
        await Task.WhenAll(own.Select(m => m.DisposeAsync().AsTask()));
        await runtime.DisposeAsync();
        RunState.Remove(data.Path);
    }

    private Member[] Members
    {
        get
        {
            lock (stateLock)
                return [.. members];
        }
    }

    private static string Token(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? given : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

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
