using System.Diagnostics;
using System.Globalization;

namespace Quayside.Bench.WorkflowLoad;

/// <summary>What a process has used so far: CPU time, and resident and proportional memory in KiB (Linux).</summary>
internal sealed record Usage(TimeSpan Cpu, long Rss, long Pss)
{
    public static Usage Of(Process process)
    {
        process.Refresh();
        var memory = File.ReadLines($"/proc/{process.Id}/smaps_rollup")
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(p => p[0] is "Rss:" or "Pss:")
            .ToDictionary(p => p[0], p => long.Parse(p[1], CultureInfo.InvariantCulture));
        return new(process.TotalProcessorTime, memory["Rss:"], memory["Pss:"]);
    }
}
