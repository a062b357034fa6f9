using System.Diagnostics;
using System.Text.Json;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>A process as it can be found again: pids are reused, so the start time counts too.</summary>
internal sealed record RecordedProcess(int Pid, DateTime Started)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    public static RecordedProcess Current
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return new RecordedProcess(self.Id, self.StartTime.ToUniversalTime());
        }
    }

    /// <summary>The running process, or null when it has ended. Dispose of it.</summary>
    public Process? Find()
    {
        try
        {
            var process = Process.GetProcessById(Pid);
            if ((process.StartTime.ToUniversalTime() - Started).Duration() < Tolerance && !HasEnded(process))
                return process;
            process.Dispose();
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
        }
        return null;
    }

    /// <summary>True as well for a process that has ended but whose parent has not looked yet: it holds no port and no file any more.</summary>
    public static bool HasEnded(Process process)
    {
        if (process.HasExited || !OperatingSystem.IsLinux())
            return process.HasExited;
        try
        {
            return HasEnded(File.ReadAllText($"/proc/{process.Id}/stat"));
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>By a line of /proc/PID/stat (proc_pid_stat(5)): a zombie whose other threads are gone too. Until then they hold its ports and files.</summary>
    internal static bool HasEnded(string stat)
    {
        // pid (name) state ...: the name may contain anything, so the third field follows the last bracket; the number of threads is the twentieth.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] == "Z" && fields[20 - 3] is ("0" or "1");
    }
}

/// <summary>One row of <c>dapr list</c>.</summary>
internal sealed record RunningApp(string AppId, int AppPort, int HttpPort, int GrpcPort, RecordedProcess? Process);

/// <summary>What runs on a data folder: written by the runtime at each change, read by list, stop, and the next run.</summary>
internal sealed record RunState(RecordedProcess Runtime, IReadOnlyList<RunningApp> Apps)
{
    private const string FileName = "run.json";
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    public static RunState? Read(string dataFolder)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(Path.Combine(dataFolder, FileName)), JsonSerializerOptions.Web);
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return null;
        }
    }

    public void Write(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));
        File.Move(path + ".new", path, overwrite: true);
    }

    public static void Remove(string dataFolder) => File.Delete(Path.Combine(dataFolder, FileName));

    /// <summary>Ends the apps that a killed runtime left behind.</summary>
    public async Task EndLeftoversAsync(Action<string> say)
    {
        var leftovers = Apps.Select(app => (app.AppId, Process: app.Process?.Find())).Where(l => l.Process is not null).ToArray();
        foreach (var (appId, process) in leftovers)
        {
            say($"ending {appId} (process {process!.Id}), left behind by a runtime that was killed");
            process.Kill(entireProcessTree: true);
        }
        foreach (var (_, process) in leftovers)
        {
            using (process)
            {
                // No signal tells of the end of a process that is not a child.
                while (!RecordedProcess.HasEnded(process!))
                    await Task.Delay(Between);
            }
        }
    }
}
