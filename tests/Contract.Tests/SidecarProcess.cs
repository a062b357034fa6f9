using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Quayside.Servers;

namespace LocalDapr.Contract.Tests;

/// <summary>One sidecar of this build, started with daprd's own flags.</summary>
internal sealed class SidecarProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(12);

    // The build configuration names the folder: .../bin/Contract.Tests/debug
    private static readonly string Runtime = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "LocalDapr.Runtime", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "LocalDapr.Runtime.dll");

    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly JsonObject _spec;
    private readonly Names _names;
    private readonly string _folder;
    private readonly int _internalPort = Ports.Free();
    private readonly int _metricsPort = Ports.Free();
    private Process? _process;

    public SidecarProcess(string name, JsonObject spec, Names names, string folder)
    {
        (_name, _spec, _names) = (name, spec, names);
        _folder = Directory.CreateDirectory(Path.Combine(folder, $"sidecar-{name}")).FullName;
        foreach (var (kind, port) in new[] { ("http", HttpPort), ("grpc", GrpcPort), ("internal", _internalPort), ("metrics", _metricsPort) })
            names.Save($"{name}.{kind}", $"{port}");
    }

    public int HttpPort { get; } = Ports.Free();

    public int GrpcPort { get; } = Ports.Free();

    /// <summary>Its log.</summary>
    public string Said { get; private set; } = "";

    public bool StartsAtOnce => (bool?)_spec["start"] ?? true;

    /// <summary>A resource file that comes, changes or, without a text, goes while the sidecar runs.</summary>
    public async Task WriteResourceAsync(string name, string? text)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName, name);
        if (text is null)
            File.Delete(path);
        else
            await File.WriteAllTextAsync(path, _names.Expand(text));
    }

    /// <returns>False if it ended before it was ready.</returns>
    public async Task<bool> StartAsync(IReadOnlyDictionary<string, ScriptedApp> apps)
    {
        foreach (var (name, text) in _spec["resources"].Members())
            await WriteResourceAsync(name, (string?)text);
        var start = new ProcessStartInfo("dotnet", [Runtime, "sidecar", .. (await FlagsAsync(apps)).Select(flag => $"--{flag.Key}={flag.Value}")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder,
        };
        // hundreds of processes that live for a second: what they compile is not worth measuring
        start.Environment["DOTNET_TieredPGO"] = "0";
        // where jobs outlive it
        start.Environment["HOME"] = _folder;
        foreach (var (name, value) in _spec["env"].Members())
            start.Environment[name] = _names.Expand((string)value!);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Hear;
        _process.ErrorDataReceived += Hear;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return await IsReadyAsync(_process);
    }

    /// <param name="grace">How long it may take to end by itself, before the signal.</param>
    /// <returns>The exit code; null if it has not been started.</returns>
    public async Task<int?> StopAsync(string signal, TimeSpan grace)
    {
        if (_process is not { } process)
            return null;
        if (!await HasEndedAsync(process, grace))
        {
            Assert.SkipWhen(signal == "SIGINT" && IgnoresInterrupts(), "These tests run in the background of a shell, which ignores SIGINT for them and their children.");
            using var kill = Process.Start("kill", [$"-{signal[3..]}", $"{process.Id}"]);
            await kill.WaitForExitAsync();
            Assert.True(await HasEndedAsync(process, StopLimit), $"{_name} did not end within {StopLimit} of {signal}");
        }
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync(Process process)
    {
        var ready = _spec.ContainsKey("ready") ? (string?)_spec["ready"] : _spec.ContainsKey("ready_outbound") ? "/v1.0/healthz/outbound" : "/v1.0/healthz";
        if (ready is null)
            return true;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        using var limit = new CancellationTokenSource(StartLimit);
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            if (process.HasExited)
                return false;
            try
            {
                using var answer = await http.GetAsync(new Uri(ready, UriKind.Relative), limit.Token);
                if (answer.IsSuccessStatusCode || (ready != "/v1.0/healthz" && answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound))
                    return true;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
        }
        return false;
    }

    private async Task<Dictionary<string, string>> FlagsAsync(IReadOnlyDictionary<string, ScriptedApp> apps)
    {
        var flags = new Dictionary<string, string>
        {
            ["app-id"] = (string?)_spec["app_id"] ?? _name,
            ["dapr-http-port"] = $"{HttpPort}",
            ["dapr-grpc-port"] = $"{GrpcPort}",
            ["dapr-internal-grpc-port"] = $"{_internalPort}",
            ["metrics-port"] = $"{_metricsPort}",
            ["dapr-listen-addresses"] = "127.0.0.1",
            ["metrics-listen-address"] = "127.0.0.1",
            ["dapr-internal-grpc-listen-address"] = "127.0.0.1",
            ["resources-path"] = Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName,
            ["mode"] = "standalone",
            ["log-level"] = "error",
            ["enable-app-health-check"] = "false",
            ["enable-mtls"] = "false",
            ["placement-host-address"] = "",
            ["scheduler-host-address"] = "",
        };
        if ((string?)_spec["app"] is { } app)
            (flags["app-port"], flags["app-protocol"]) = ($"{apps[app].Port}", apps[app].IsGrpc ? "grpc" : "http");
        if ((string?)_spec["config"] is { } config)
        {
            flags["config"] = Path.Combine(_folder, "config.yaml");
            await File.WriteAllTextAsync(flags["config"], _names.Expand(config));
        }
        foreach (var (name, value) in _spec["flags"].Members())
            flags[name] = _names.Expand(value.Plain());
        return flags;
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (_lock)
            Said = $"{Said}\n{line.Data}";
    }

    /// <summary>Bit 1 of the mask is signal 2.</summary>
    private static bool IgnoresInterrupts() => File.Exists("/proc/self/status") && File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is var mask
        && (Convert.ToUInt64(mask[7..].Trim(), 16) & 2) != 0;

    private static async Task<bool> HasEndedAsync(Process process, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        await process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.HasExited;
    }
}
