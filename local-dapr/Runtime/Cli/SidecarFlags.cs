using System.CommandLine;
using System.Globalization;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Cli;

/// <summary>daprd's flags (contract section 20). Those of services that a single machine does not have are accepted and ignored.</summary>
internal sealed class SidecarFlags
{
    private static readonly string[] Ignored =
    [
        "--mode", "--placement-host-address", "--scheduler-host-address", "--scheduler-job-streams", "--actors-service", "--reminders-service", "--sentry-address",
        "--control-plane-address", "--control-plane-namespace", "--control-plane-trust-domain", "--actors-disseminate-timeout", "--hot-reload-reconcile-interval",
        "--profile-port", "--metrics-listen-address", "--dapr-internal-grpc-listen-address", "--dapr-public-listen-address", "--unix-domain-socket",
        "--dapr-http-max-request-size", "--dapr-http-read-buffer-size",
    ];

    private static readonly string[] IgnoredSwitches = ["--enable-mtls", "--enable-profiling", "--log-as-json"];

    private readonly Option<string> appId = new("--app-id") { Required = true };
    private readonly Option<int> appPort = new("--app-port");
    private readonly Option<AppProtocol> appProtocol = Word("--app-protocol", AppProtocol.Http);
    private readonly Option<bool> appSsl = new("--app-ssl");
    private readonly Option<string> appChannelAddress = new("--app-channel-address") { DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<int> appMaxConcurrency = new("--app-max-concurrency") { DefaultValueFactory = _ => -1 };
    private readonly Option<int> httpPort = new("--dapr-http-port") { DefaultValueFactory = _ => 3500 };
    private readonly Option<int> grpcPort = new("--dapr-grpc-port") { DefaultValueFactory = _ => 50001 };
    private readonly Option<int> internalGrpcPort = new("--dapr-internal-grpc-port");
    private readonly Option<int?> publicPort = new("--dapr-public-port");
    private readonly Option<string> listenAddresses = new("--dapr-listen-addresses") { DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<string[]> resourcesPath = new("--resources-path", "--components-path");
    private readonly Option<string[]> config = new("--config");
    private readonly Option<long> maxBodySize = Value("--max-body-size", "4Mi", Quantity.ParseBytes);
    private readonly Option<long> readBufferSize = Value("--read-buffer-size", "4Ki", Quantity.ParseBytes);
    private readonly Option<string?> allowedOrigins = new("--allowed-origins");
    private readonly Option<bool> enableAppHealthCheck = new("--enable-app-health-check");
    private readonly Option<string> appHealthCheckPath = new("--app-health-check-path") { DefaultValueFactory = _ => "/healthz" };
    private readonly Option<int> appHealthProbeInterval = new("--app-health-probe-interval") { DefaultValueFactory = _ => 5 };
    private readonly Option<int> appHealthProbeTimeout = new("--app-health-probe-timeout") { DefaultValueFactory = _ => 500 };
    private readonly Option<int> appHealthThreshold = new("--app-health-threshold") { DefaultValueFactory = _ => 3 };
    private readonly Option<int> gracefulShutdown = new("--dapr-graceful-shutdown-seconds") { DefaultValueFactory = _ => 5 };
    private readonly Option<TimeSpan> blockShutdown = Value("--dapr-block-shutdown-duration", "", text => text.Length > 0 ? Quantity.ParseDuration(text) : TimeSpan.Zero);
    private readonly Option<TimeSpan> bindingOptionsTimeout = Value("--app-binding-options-timeout", "3s", Quantity.ParseDuration);
    private readonly Option<string?> disableInitEndpoints = new("--disable-init-endpoints");
    private readonly Option<bool> enableApiLogging = new("--enable-api-logging");
    private readonly Option<bool> enableMetrics = new("--enable-metrics") { DefaultValueFactory = _ => true };
    private readonly Option<int> metricsPort = new("--metrics-port") { DefaultValueFactory = _ => 9090 };
    private readonly Option<string> logLevel = new("--log-level") { DefaultValueFactory = _ => "info" };
    private readonly Option<Backends> backends = Word("--backends", Backends.Declared, "declared: components as written; embedded: all by the built-in engine");
    private readonly Option<string?> dataDirectory = new("--data-dir") { Description = "folder of the built-in engine; when absent a temporary one, and ~/.dapr/local/jobs for jobs" };

    private readonly Option<string?> embeddedFaults = new("--embedded-faults") { Description = "unkind like a real broker: duplicate,reorder,delay,ack-lost" };

    public IEnumerable<Option> All =>
    [
        appId, appPort, appProtocol, appSsl, appChannelAddress, appMaxConcurrency, httpPort, grpcPort, internalGrpcPort, publicPort, listenAddresses, resourcesPath, config,
        maxBodySize, readBufferSize, allowedOrigins, enableAppHealthCheck, appHealthCheckPath, appHealthProbeInterval, appHealthProbeTimeout, appHealthThreshold,
        gracefulShutdown, blockShutdown, bindingOptionsTimeout, disableInitEndpoints, enableApiLogging, enableMetrics, metricsPort, logLevel, backends, dataDirectory, embeddedFaults,
        .. Ignored.Select(name => new Option<string>(name) { Hidden = true, Arity = ArgumentArity.ZeroOrOne }),
        .. IgnoredSwitches.Select(name => new Option<bool>(name) { Hidden = true }),
    ];

    public SidecarOptions Read(ParseResult parsed)
    {
        var protocol = parsed.GetValue(appProtocol);
        return new SidecarOptions
        {
            AppId = parsed.GetValue(appId)!,
            AppPort = parsed.GetValue(appPort),
            AppProtocol = (protocol, parsed.GetValue(appSsl)) switch
            {
                (AppProtocol.Http, true) => AppProtocol.Https,
                (AppProtocol.Grpc, true) => AppProtocol.Grpcs,
                _ => protocol,
            },
            AppChannelAddress = parsed.GetValue(appChannelAddress)!,
            AppMaxConcurrency = parsed.GetValue(appMaxConcurrency),
            HttpPort = parsed.GetValue(httpPort),
            GrpcPort = parsed.GetValue(grpcPort),
            InternalGrpcPort = parsed.GetValue(internalGrpcPort),
            PublicPort = parsed.GetValue(publicPort),
            ListenAddresses = parsed.GetValue(listenAddresses)!,
            ResourcesPaths = Given(parsed, resourcesPath),
            ConfigFiles = Given(parsed, config),
            MaxBodySize = parsed.GetValue(maxBodySize),
            ReadBufferSize = (int)parsed.GetValue(readBufferSize),
            AllowedOrigins = parsed.GetValue(allowedOrigins),
            EnableAppHealthCheck = parsed.GetValue(enableAppHealthCheck),
            AppHealthCheckPath = parsed.GetValue(appHealthCheckPath)!,
            AppHealthProbeInterval = TimeSpan.FromSeconds(parsed.GetValue(appHealthProbeInterval)),
            AppHealthProbeTimeout = TimeSpan.FromMilliseconds(parsed.GetValue(appHealthProbeTimeout)),
            AppHealthThreshold = parsed.GetValue(appHealthThreshold),
            GracefulShutdown = TimeSpan.FromSeconds(parsed.GetValue(gracefulShutdown)),
            BlockShutdown = parsed.GetValue(blockShutdown),
            BindingOptionsTimeout = parsed.GetValue(bindingOptionsTimeout),
            DisabledInitEndpoints = (parsed.GetValue(disableInitEndpoints) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(),
            EnableApiLogging = parsed.GetValue(enableApiLogging),
            EnableMetrics = parsed.GetValue(enableMetrics),
            MetricsPort = parsed.GetValue(metricsPort),
            LogLevel = parsed.GetValue(logLevel)!,
            ApiToken = Environment.GetEnvironmentVariable("DAPR_API_TOKEN"),
            AppApiToken = Environment.GetEnvironmentVariable("APP_API_TOKEN"),
            Namespace = Environment.GetEnvironmentVariable("NAMESPACE") ?? "",
        };
    }

    /// <summary>An empty value is as good as none.</summary>
    private static string[] Given(ParseResult parsed, Option<string[]> option) => [.. (parsed.GetValue(option) ?? []).Where(value => value.Length > 0)];

    private static Option<T> Value<T>(string name, string usual, Func<string, T> read) => new(name)
    {
        DefaultValueFactory = _ => read(usual),
        CustomParser = given =>
        {
            try
            {
                return read(given.Tokens[0].Value);
            }
            catch (FormatException failure)
            {
                given.AddError($"{name}: {failure.Message}");
                return default;
            }
        },
    };

    private static Option<T> Word<T>(string name, T usual, string? description = null)
        where T : struct, Enum
    {
        var option = new Option<T>(name) { DefaultValueFactory = _ => usual, Description = description };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Enum.GetNames<T>());
        return option;
    }

    /// <summary>The data directory is empty where none is given.</summary>
    public RuntimeOptions ReadRuntime(ParseResult parsed) => new()
    {
        Backends = parsed.GetValue(backends),
        DataDirectory = parsed.GetValue(dataDirectory) ?? "",
        Durability = parsed.GetValue(dataDirectory) is null ? Durability.Off : Durability.Normal,
        Faults = RunCommand.ReadFaults(parsed.GetValue(embeddedFaults)),
    };
}

/// <summary>Go's ways of writing sizes and durations.</summary>
public static class Quantity
{
    /// <summary>Bytes from a Kubernetes quantity: 4Mi, 16k, 1024.</summary>
    public static long ParseBytes(string text)
    {
        var unit = text.TrimStart("0123456789.".ToCharArray());
        var number = double.Parse(text.AsSpan(0, text.Length - unit.Length), CultureInfo.InvariantCulture);
        return (long)(number * unit switch
        {
            "" => 1,
            "k" or "K" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            "Ki" => 1 << 10,
            "Mi" => 1 << 20,
            "Gi" => 1 << 30,
            _ => throw new FormatException($"`{text}` is not a size; write for example 4Mi"),
        });
    }

    /// <summary>A Go duration (1h2m3.5s, 500ms, -5s); a bare whole number is milliseconds. Anything else throws <see cref="FormatException"/>.</summary>
    public static TimeSpan ParseDuration(string text) =>
        TryParseDuration(text, out var duration) ? duration : throw new FormatException($"`{text}` is not a duration; write for example 5s or 500ms");

    /// <summary>A duration as Go prints it: 1h2m3s, 1.5s, 500ms.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        if (duration < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.######}ms");
        var hours = duration.TotalHours >= 1 ? $"{(long)duration.TotalHours}h" : "";
        var minutes = duration.TotalMinutes >= 1 ? $"{duration.Minutes}m" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{hours}{minutes}{duration.TotalSeconds % 60:0.#########}s");
    }

    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return TryFromTicks(milliseconds * (double)TimeSpan.TicksPerMillisecond, out duration);
        }
        var rest = text.AsSpan();
        var sign = 1.0;
        if (rest is ['-' or '+', ..])
        {
            sign = rest[0] == '-' ? -1 : 1;
            rest = rest[1..];
        }
        if (rest.IsEmpty)
            return false;
        double ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var end = rest.IndexOfAny("0123456789.");
            var unit = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[end..];
            var scale = unit switch
            {
                "ns" => TimeSpan.TicksPerMicrosecond / 1000.0,
                "us" or "µs" => TimeSpan.TicksPerMicrosecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                _ => double.NaN,
            };
            if (double.IsNaN(scale))
                return false;
            ticks += number * scale;
        }
        return TryFromTicks(sign * ticks, out duration);
    }

    /// <summary>Go counts nanoseconds in 64 bits: more than 292 years is no duration, and so never too much to add to a time of today.</summary>
    private static bool TryFromTicks(double ticks, out TimeSpan duration)
    {
        var isDuration = Math.Abs(ticks) < long.MaxValue / TimeSpan.NanosecondsPerTick;
        duration = isDuration ? TimeSpan.FromTicks((long)ticks) : TimeSpan.Zero;
        return isDuration;
    }
}
