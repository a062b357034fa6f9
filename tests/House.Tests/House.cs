using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Quayside.Servers;

namespace Quayside.House.Tests;

/// <summary>
/// The whole house as a user starts it: the run command on the repository's own dapr.yaml, with free ports, the DLLs of this build and a data folder of
/// its own. Everything enters through the gateway.
/// </summary>
public sealed partial class House : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
    internal static readonly string Root = FindRoot();

    /// <summary>What each house printed, to read after a test failed.</summary>
    private static readonly string Logs = Path.Combine(Root, "artifacts", "logs");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("house-");
    private readonly StringBuilder output = new();
    private readonly string[] arguments;
    private readonly IReadOnlyDictionary<string, string> environment;
    private Process? runtime;

    private House(string[] arguments, IReadOnlyDictionary<string, string>? environment, string? twice)
    {
        this.arguments = arguments;
        this.environment = environment ?? new Dictionary<string, string>();
        GatewayPort = WriteRunFile(twice);
        Http = new HttpClient(new ContractCheck()) { BaseAddress = new Uri($"http://127.0.0.1:{GatewayPort}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Http { get; }

    public int GatewayPort { get; }

    public string DataFolder => Path.Combine(folder.FullName, "data");

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>The configured path of the runtime, for tests of the command line.</summary>
    public static string RuntimeDll => Path.Combine(Root, "artifacts", "bin", "LocalDapr.Runtime", Configuration, "LocalDapr.Runtime.dll");

    /// <param name="arguments">Added to the run command, such as --embedded-faults.</param>
    /// <param name="environment">Settings of the services, such as Outside__TimeoutAnswerAfter.</param>
    /// <param name="twice">The app id of an app that has two replicas; the second one writes a line for each request.</param>
    public static async Task<House> StartAsync(string[]? arguments = null, IReadOnlyDictionary<string, string>? environment = null, string? twice = null)
    {
        var house = new House(arguments ?? [], environment, twice);
        try
        {
            await house.RunAsync();
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the run command on the same data and waits for its table of apps.</summary>
    public async Task RunAsync()
    {
        var start = new ProcessStartInfo("dotnet", [RuntimeDll, "run", "-f", folder.FullName, "--data-dir", DataFolder, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        runtime = new Process { StartInfo = start, EnableRaisingEvents = true };
        void Take(object _, DataReceivedEventArgs line)
        {
            lock (output)
                output.AppendLine(line.Data);
            if (line.Data?.StartsWith("Ctrl-C stops all", StringComparison.Ordinal) == true)
                ready.TrySetResult();
        }
        runtime.OutputDataReceived += Take;
        runtime.ErrorDataReceived += Take;
        runtime.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"the run command ended:\n{Output}"));
        runtime.Start();
        runtime.BeginOutputReadLine();
        runtime.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartLimit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the house was not healthy within {StartLimit.TotalSeconds} s:\n{Output}");
        }
    }

    /// <summary>kill -9 of the runtime; the apps stay until the next run ends them.</summary>
    public async Task KillRuntimeAsync()
    {
        runtime!.Kill();
        await runtime.WaitForExitAsync();
    }

    /// <summary>kill -9 of one app, or of one of its replicas.</summary>
    public void KillApp(string appId)
    {
        using var process = Process.GetProcessById(Pids()[appId]);
        process.Kill();
    }

    /// <summary>The files of a service, SQLite by default.</summary>
    public string FilesOf(string appId) => Path.Combine(DataFolder, "apps", appId);

    /// <summary>False from an app's death until it is started again.</summary>
    public bool IsRunning(string appId)
    {
        try
        {
            using var process = Process.GetProcessById(Pids()[appId]);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>kill -9 of the runtime and all apps.</summary>
    public async Task KillEverythingAsync()
    {
        var pids = Processes().Select(process => process.Pid).ToArray();
        await KillRuntimeAsync();
        foreach (var pid in pids)
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
    }

    /// <summary>App ids and process ids; of an app with replicas the first one's.</summary>
    public IReadOnlyDictionary<string, int> Pids() => Processes().DistinctBy(process => process.AppId).ToDictionary(process => process.AppId, process => process.Pid);

    /// <summary>As the runtime recorded them.</summary>
    public IReadOnlyList<(string AppId, int Pid)> Processes()
    {
        using var state = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(DataFolder, "run.json")));
        return [.. state.RootElement.GetProperty("apps").EnumerateArray().Select(a => (a.GetProperty("appId").GetString()!, a.GetProperty("process").GetProperty("pid").GetInt32()))];
    }

    /// <summary>SIGTERM, as Ctrl-C does it; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{runtime!.Id}"]);
        await runtime.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return runtime.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (runtime is { HasExited: false })
            await StopAsync();
        runtime?.Dispose();
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Logs).FullName, $"{folder.Name}.log"), Output);
        folder.Delete(recursive: true);
    }

    /// <summary>The repository's run file and components, with free ports, absolute paths and the DLLs of this build.</summary>
    private int WriteRunFile(string? twice)
    {
        var gateway = 0;
        var outside = 0;
        var appId = "";
        var apps = File.ReadAllText(Path.Combine(Root, "dapr.yaml"));
        if (twice is not null)
            apps = apps.TrimEnd() + "\n" + AppBlock().Matches(apps).Single(block => block.Groups["app"].Value == twice).Value + "    env:\n      RequestLog__Level: Information\n";
        var run = AppPort().Replace(apps, match =>
        {
            if (match.Groups["app"].Success)
            {
                appId = match.Groups["app"].Value;
                return match.Value;
            }
            var port = Ports.Free();
            if (appId == "gateway")
                gateway = port;
            if (appId == "outside")
                outside = port;
            return $"appPort: {port}";
        });
        run = run.Replace(": ./", $": {Root}/", StringComparison.Ordinal).Replace("- ./components", $"- {folder.FullName}/components", StringComparison.Ordinal)
            .Replace("/release/", $"/{Configuration}/", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder.FullName, "dapr.yaml"), run);
        foreach (var source in Directory.EnumerateFiles(Path.Combine(Root, "components"), "*.*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder.FullName, Path.GetRelativePath(Root, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, File.ReadAllText(source)
                .Replace("../../components/", $"{folder.FullName}/components/", StringComparison.Ordinal)
                .Replace("../../.dapr/local/outbox", $"{folder.FullName}/outbox", StringComparison.Ordinal)
                .Replace("127.0.0.1:3009", $"127.0.0.1:{outside}", StringComparison.Ordinal));
        }
        return gateway;
    }

    /// <summary>The bytes of a file that somebody else has open.</summary>
    internal static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dapr.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"^  - appID: (?<app>[\w-]+)\n(    .*\n)+", RegexOptions.Multiline)]
    private static partial Regex AppBlock();

    [GeneratedRegex(@"appID: (?<app>[\w-]+)|appPort: \d+")]
    private static partial Regex AppPort();
}
