using System.Globalization;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Resources;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>
/// Reads the apps of a run file. An app's own value wins over <c>common</c> unless it is the zero value; <c>common</c> paths and appDirPath start at the
/// run file's folder, an app's other paths at its appDirPath.
/// </summary>
internal sealed class AppReader(ResourceDocument document, string folder, YamlMappingNode? common)
{
    public AppSpec Read(YamlNode node)
    {
        if (node is not YamlMappingNode app)
            throw document.Error(node, "an app is not a mapping", "Write `- appDirPath: ...` and its keys below.");
        var appFolder = Existing(app.At("appDirPath"), document.Require(app, "appDirPath"), folder);
        var appId = app.Text("appID") ?? Path.GetFileName(appFolder.TrimEnd('/'));
        if (appId.Contains('.', StringComparison.Ordinal))
            throw document.Error(app.At("appID"), $"appID `{appId}` holds a dot", "Use letters, digits and `-`.");
        var value = new Values(document, app, common);
        return new AppSpec
        {
            AppId = appId,
            Folder = appFolder,
            Command = Command(app),
            Environment = Variables(app),
            ResourcesPaths = Resources(app, appFolder),
            ConfigFile = Config(app, appFolder),
            AppPort = value.Port("appPort", own: true),
            HttpPort = value.Port("daprHTTPPort", own: true),
            GrpcPort = value.Port("daprGRPCPort", own: true),
            InternalGrpcPort = value.Port("daprInternalGRPCPort", own: true),
            MetricsPort = value.Port("metricsPort", own: true),
            AppChannelAddress = app.Text("appChannelAddress") ?? "127.0.0.1",
            AppProtocol = value.OneOf("appProtocol", "http", Enum.GetNames<AppProtocol>()),
            AppMaxConcurrency = value.Number("appMaxConcurrency", -1),
            ListenAddresses = value.Text("apiListenAddresses", "127.0.0.1"),
            MaxBodySize = value.Size("maxBodySize", "4Mi"),
            ReadBufferSize = value.Size("readBufferSize", "4Ki"),
            EnableAppHealthCheck = value.Flag("enableAppHealthCheck"),
            AppHealthCheckPath = value.Text("appHealthCheckPath", "/healthz"),
            AppHealthProbeInterval = value.Number("appHealthProbeInterval", 5),
            AppHealthProbeTimeout = value.Number("appHealthProbeTimeout", 500),
            AppHealthThreshold = value.Number("appHealthThreshold", 3),
            EnableApiLogging = value.Flag("enableApiLogging"),
            LogLevel = value.OneOf("logLevel", "info", ["debug", "info", "warn", "error", "fatal", "panic"]),
            AppLog = value.Destination("appLogDestination", LogDestination.FileAndConsole),
            DaprdLog = value.Destination("daprdLogDestination", LogDestination.File),
            Source = (document.File, app.Start.Line),
        };
    }

    private List<string> Command(YamlMappingNode app)
    {
        if (app.At("command") is not { } command)
            return [];
        if (command is not YamlSequenceNode list)
            throw document.Error(command, "`command` is not a list", "Write `command: [\"dotnet\", \"App.dll\"]`; there is no shell line.");
        return [.. list.Children.Select(c => c is YamlScalarNode { Value: { } text } ? text : throw document.Error(c, "an entry of `command` is not text", "Quote it."))];
    }

    private Dictionary<string, string> Variables(YamlMappingNode app)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in new[] { common.At("env"), app.At("env") })
        {
            if (source is null)
                continue;
            if (source is not YamlMappingNode mapping)
                throw document.Error(source, "`env` is not a mapping", "Write `NAME: value` lines below it.");
            foreach (var (name, value) in mapping.Children)
                variables[((YamlScalarNode)name).Value!] = value.MetadataText();
        }
        return variables;
    }

    /// <summary>app.resourcesPaths, then appDir/.dapr/resources, then common.resourcesPaths; ~/.dapr/components is not ours to load.</summary>
    private string[] Resources(YamlMappingNode app, string appFolder)
    {
        if (Paths(app, appFolder) is { Length: > 0 } own)
            return own;
        var conventional = Path.Combine(appFolder, ".dapr", "resources");
        return Directory.Exists(conventional) ? [conventional] : common is null ? [] : Paths(common, folder);
    }

    private string[] Paths(YamlMappingNode node, string from)
    {
        var listed = node.Items("resourcesPaths").Concat(node.At("resourcesPath") is { } old ? [old] : []);
        return [.. listed.Select(n => Existing(n, n.MetadataText(), from))];
    }

    private string? Config(YamlMappingNode app, string appFolder)
    {
        if (app.Text("configFilePath") is { } own)
            return Existing(app.At("configFilePath"), own, appFolder);
        var conventional = Path.Combine(appFolder, ".dapr", "config.yaml");
        if (File.Exists(conventional))
            return conventional;
        return common.Text("configFilePath") is { } shared ? Existing(common.At("configFilePath"), shared, folder) : null;
    }

    private string Existing(YamlNode? at, string text, string from)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var path = Path.GetFullPath(text.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(home, text[2..]) : text, from);
        return Path.Exists(path) ? path : throw document.Error(at, $"the path `{text}` does not exist (looked for {path})", $"Paths here start at {from}.");
    }

    private sealed class Values(ResourceDocument document, YamlMappingNode app, YamlMappingNode? common)
    {
        public int Port(string name, bool own) => Number(name, 0, own) is >= 0 and <= 65535 and var port
            ? port
            : throw document.Error(app.At(name), $"`{name}` is no port", "Use 1 to 65535, or leave it out for a free one.");

        public int Number(string name, int fallback, bool own = false)
        {
            var (node, text) = Find(name, own);
            if (text is null)
                return fallback;
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw document.Error(node, $"`{name}: {text}` is not a whole number", $"Write for example `{name}: {Math.Max(1, fallback)}`.");
        }

        public bool Flag(string name)
        {
            var (node, text) = Find(name);
            return text switch
            {
                null or "false" => false,
                "true" => true,
                _ => throw document.Error(node, $"`{name}: {text}` is neither true nor false", $"Write `{name}: true`."),
            };
        }

        public string Text(string name, string fallback) => Find(name).Text ?? fallback;

        public string OneOf(string name, string fallback, string[] allowed)
        {
            var (node, text) = Find(name);
            text ??= fallback;
            return allowed.Contains(text, StringComparer.OrdinalIgnoreCase)
                ? text
                : throw document.Error(node, $"`{name}: {text}` is not known", $"Use one of {string.Join(", ", allowed).ToLowerInvariant()}.");
        }

        public string Size(string name, string fallback)
        {
            var (node, text) = Find(name);
            try
            {
                _ = Quantity.ParseBytes(text ?? fallback);
                return text ?? fallback;
            }
            catch (FormatException)
            {
                throw document.Error(node, $"`{name}: {text}` is not a size", "Write for example 4Mi.");
            }
        }

        public LogDestination Destination(string name, LogDestination fallback) =>
            Enum.Parse<LogDestination>(OneOf(name, fallback.ToString(), Enum.GetNames<LogDestination>()), ignoreCase: true);

        private (YamlNode? Node, string? Text) Find(string name, bool own = false)
        {
            if (app.Text(name) is { } mine && mine is not ("" or "0" or "false"))
                return (app.At(name), mine);
            return own || common is null ? (app.At(name), app.Text(name)) : (common.At(name) ?? app.At(name), common.Text(name));
        }
    }
}
