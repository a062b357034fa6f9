using System.Globalization;
using LocalDapr.Runtime.Resources;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>A multi-app run file (contract section 21), all paths absolute, all defaults and precedence applied.</summary>
public sealed record RunFile(string Path, string Folder, IReadOnlyList<AppSpec> Apps)
{
    private static readonly string[] DefaultNames = ["dapr.yaml", "dapr.yml"];

    /// <summary>Reads FILE, or dapr.yaml (dapr.yml) in a folder. Every mistake throws <see cref="ResourceException"/>.</summary>
    public static RunFile Load(string fileOrFolder)
    {
        var path = System.IO.Path.GetFullPath(fileOrFolder);
        if (Directory.Exists(path))
        {
            path = DefaultNames.Select(name => System.IO.Path.Combine(path, name)).FirstOrDefault(File.Exists)
                ?? throw new ResourceException(path, 1, "the folder has no dapr.yaml", "Name the run file: run -f FILE.");
        }
        if (!File.Exists(path))
            throw new ResourceException(path, 1, "the run file does not exist", "Correct the path behind -f.");
        return Parse(path, File.ReadAllText(path));
    }

    public static RunFile Parse(string path, string text)
    {
        var document = ResourceDocument.Parse(path, text) is [var first, ..]
            ? first
            : throw new ResourceException(path, 1, "the run file is empty", "Write `version: 1` and a list of `apps:`.");
        var root = document.Root;
        if (!int.TryParse(document.Require(root, "version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version == 0)
            throw document.Error(root.At("version"), "`version` is not a number above 0", "Write `version: 1`.");
        if (root.At("apps") is not YamlSequenceNode { Children.Count: > 0 } apps)
            throw document.Error(root.At("apps"), "`apps` lists no app", "Add `apps:` with at least one `- appDirPath: ...`.");
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var reader = new AppReader(document, folder, root.At("common") as YamlMappingNode);
        return new RunFile(path, folder, [.. apps.Children.Select(reader.Read)]);
    }
}

/// <summary>One app of a run file. Ports: 0 = a free one; <see cref="AppPort"/> 0 = the app takes no calls.</summary>
public sealed record AppSpec
{
    public required string AppId { get; init; }

    public required string Folder { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyList<string> ResourcesPaths { get; init; }

    public string? ConfigFile { get; init; }

    public int AppPort { get; init; }

    public string AppProtocol { get; init; } = "http";

    public string AppChannelAddress { get; init; } = "127.0.0.1";

    public int AppMaxConcurrency { get; init; } = -1;

    public int HttpPort { get; init; }

    public int GrpcPort { get; init; }

    public int InternalGrpcPort { get; init; }

    public int MetricsPort { get; init; }

    public string ListenAddresses { get; init; } = "127.0.0.1";

    public string MaxBodySize { get; init; } = "4Mi";

    public string ReadBufferSize { get; init; } = "4Ki";

    public bool EnableAppHealthCheck { get; init; }

    public string AppHealthCheckPath { get; init; } = "/healthz";

    /// <summary>Seconds.</summary>
    public int AppHealthProbeInterval { get; init; } = 5;

    /// <summary>Milliseconds.</summary>
    public int AppHealthProbeTimeout { get; init; } = 500;

    public int AppHealthThreshold { get; init; } = 3;

    public bool EnableApiLogging { get; init; }

    public string LogLevel { get; init; } = "info";

    public LogDestination AppLog { get; init; } = LogDestination.FileAndConsole;

    public LogDestination DaprdLog { get; init; } = LogDestination.File;

    /// <summary>Where the app stands in the run file, for messages.</summary>
    public required (string File, long Line) Source { get; init; }
}

/// <summary>Where output goes: console, file, fileAndConsole.</summary>
[Flags]
public enum LogDestination { Console = 1, File = 2, FileAndConsole = Console | File }
