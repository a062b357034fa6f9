using System.CommandLine;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Cli;

/// <summary>The flags of <c>dapr run --app-id X -- COMMAND</c>: a run file of one app.</summary>
internal sealed class AppOptions
{
    private readonly Option<string?> appId = new("--app-id") { Description = "app id (without a run file)" };
    private readonly Option<int> appPort = new("--app-port") { Description = "port the app listens on; none = it takes no calls" };
    private readonly Option<string> appProtocol = new("--app-protocol") { Description = "http, https, grpc, grpcs or h2c", DefaultValueFactory = _ => "http" };
    private readonly Option<int> httpPort = new("--dapr-http-port") { Description = "HTTP API port; a free one when absent" };
    private readonly Option<int> grpcPort = new("--dapr-grpc-port") { Description = "gRPC API port; a free one when absent" };
    private readonly Option<string[]> resources = new("--resources-path", "-d") { Description = "folder with resources; may be given more than once" };
    private readonly Option<string?> config = new("--config", "-c") { Description = "Dapr configuration file" };
    private readonly Option<bool> healthCheck = new("--enable-app-health-check") { Description = "probe the app's health" };
    private readonly Option<string> healthPath = new("--app-health-check-path") { DefaultValueFactory = _ => "/healthz" };
    private readonly Option<string> logLevel = new("--log-level") { Description = "debug, info, warn, error", DefaultValueFactory = _ => "info" };

    public IEnumerable<Option> All => [appId, appPort, appProtocol, httpPort, grpcPort, resources, config, healthCheck, healthPath, logLevel];

    public RunFile Read(ParseResult parsed, IReadOnlyList<string> command)
    {
        var folder = Directory.GetCurrentDirectory();
        var id = parsed.GetValue(appId) ?? throw new IOException("Name a run file (run -f FILE) or an app (run --app-id X -- COMMAND).");
        var missing = (parsed.GetValue(resources) ?? []).Append(parsed.GetValue(config)).FirstOrDefault(p => p is not null && !Path.Exists(p));
        if (missing is not null)
            throw new IOException($"the path `{missing}` does not exist. Correct it.");
        return new RunFile("command line", folder,
        [
            new AppSpec
            {
                AppId = id,
                Folder = folder,
                Command = command,
                Environment = new Dictionary<string, string>(),
                ResourcesPaths = [.. (parsed.GetValue(resources) ?? []).Select(Path.GetFullPath)],
                ConfigFile = parsed.GetValue(config) is { } file ? Path.GetFullPath(file) : null,
                AppPort = parsed.GetValue(appPort),
                AppProtocol = parsed.GetValue(appProtocol)!,
                HttpPort = parsed.GetValue(httpPort),
                GrpcPort = parsed.GetValue(grpcPort),
                EnableAppHealthCheck = parsed.GetValue(healthCheck),
                AppHealthCheckPath = parsed.GetValue(healthPath)!,
                LogLevel = parsed.GetValue(logLevel)!,
                AppLog = LogDestination.Console,
                DaprdLog = LogDestination.Console,
                Source = ("command line", 1),
            },
        ]);
    }
}
