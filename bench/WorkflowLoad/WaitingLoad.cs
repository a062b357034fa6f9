namespace Quayside.Bench.WorkflowLoad;

/// <summary>Workflows that have begun and wait, and an engine that has nothing to do.</summary>
internal static class WaitingLoad
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(string dapr, int count, int concurrency, CancellationToken cancellation)
    {
        await using var house = await House.StartAsync(dapr, cancellation);
        // What the runtime needs for the load itself is there before the first figure.
        await StartAsync("warm", Math.Min(count, 2_000));
        var before = Usage.Of(house.Runtime);
        await StartAsync("wait", count);
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
        var after = Usage.Of(house.Runtime);
        Console.WriteLine($"{count} waiting workflows: runtime {before.Pss / 1024} -> {after.Pss / 1024} MiB PSS, {(after.Pss - before.Pss) * 1024.0 / count:0} bytes each ({(after.Rss - before.Rss) * 1024.0 / count:0} RSS)");
        await Task.Delay(Idle, cancellation);
        var idle = Usage.Of(house.Runtime).Cpu - after.Cpu;
        Console.WriteLine($"CPU while they wait: {idle.TotalMilliseconds:0} ms in {Idle.TotalSeconds:0} s, {idle / Idle:P2} of a core");

        Task StartAsync(string name, int many) => Parallel.ForAsync(0, many, new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation }, async (i, _) =>
            await house.Client.ScheduleNewWorkflowAsync(i % 2 == 0 ? Workflows.Sleep : Workflows.Wait, $"{name}-{i}", i));
    }
}
