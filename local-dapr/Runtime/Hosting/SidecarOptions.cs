using LocalDapr.Runtime.App;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The settings of one sidecar, with daprd's flag names and defaults (contract section 20). Ports: 0 = a free one; AppPort 0 = no app.</summary>
public sealed record SidecarOptions
{
    /// <summary>The namespace of every app when NAMESPACE is not set.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>App ids are not empty and hold no dot: behind a dot stands a namespace.</summary>
    public static bool IsAppId(string text) => text.Length > 0 && !text.Contains('.', StringComparison.Ordinal);

    public required string AppId { get; init; }

    public int AppPort { get; init; }

    public AppProtocol AppProtocol { get; init; } = AppProtocol.Http;

    public string AppChannelAddress { get; init; } = "127.0.0.1";

    /// <summary>Calls to the app at once; not positive = no limit.</summary>
    public int AppMaxConcurrency { get; init; } = -1;

    public int HttpPort { get; init; }

    public int GrpcPort { get; init; }

    public int InternalGrpcPort { get; init; }

    public int MetricsPort { get; init; }

    public bool EnableMetrics { get; init; } = true;

    public int? PublicPort { get; init; }

    /// <summary>Comma list; the local runtime opens loopback only unless told otherwise.</summary>
    public string ListenAddresses { get; init; } = "127.0.0.1";

    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];

    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    /// <summary>Bytes; also the limit of a gRPC message.</summary>
    public long MaxBodySize { get; init; } = 4 << 20;

    /// <summary>Bytes of request headers.</summary>
    public int ReadBufferSize { get; init; } = 4 << 10;

    public string? AllowedOrigins { get; init; }

    public bool EnableAppHealthCheck { get; init; }

    public string AppHealthCheckPath { get; init; } = "/healthz";

    public TimeSpan AppHealthProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan AppHealthProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    public int AppHealthThreshold { get; init; } = 3;

    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan BlockShutdown { get; init; }

    public TimeSpan BindingOptionsTimeout { get; init; } = TimeSpan.FromSeconds(3);

    public IReadOnlySet<string> DisabledInitEndpoints { get; init; } = new HashSet<string>();

    public bool EnableApiLogging { get; init; }

    public string LogLevel { get; init; } = "info";

    /// <summary>DAPR_API_TOKEN: every API call needs it when set.</summary>
    public string? ApiToken { get; init; }

    /// <summary>APP_API_TOKEN: sent to the app on every call when set.</summary>
    public string? AppApiToken { get; init; }

    /// <summary>NAMESPACE, used in key prefixes, actor types and templates.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The folder that relative paths in components start from: the app's folder.</summary>
    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();
}
