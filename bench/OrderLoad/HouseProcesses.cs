using System.Diagnostics;
using System.Text.Json;

namespace Quayside.Bench.OrderLoad;

/// <summary>CPU time and memory of the runtime and its apps, by the runtime's own record of their processes.</summary>
internal sealed class HouseProcesses(string dataFolder)
{
    public IReadOnlyDictionary<string, TimeSpan> CpuTimes() => Pids().ToDictionary(p => p.Name, p => Cpu(p.Pid));

    /// <summary>Proportional set size of all together, MiB; 0 where the system does not tell (Linux only).</summary>
    public double MemoryMiB() => Pids().Sum(p => Pss(p.Pid)) / 1024.0;

    private static TimeSpan Cpu(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }

    private static long Pss(int pid)
    {
        var path = $"/proc/{pid}/smaps_rollup";
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private IEnumerable<(string Name, int Pid)> Pids()
    {
        using var state = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(dataFolder, "run.json")));
        yield return ("runtime", state.RootElement.GetProperty("runtime").GetProperty("pid").GetInt32());
        foreach (var app in state.RootElement.GetProperty("apps").EnumerateArray())
            yield return (app.GetProperty("appId").GetString()!, app.GetProperty("process").GetProperty("pid").GetInt32());
    }
}
