using System.Diagnostics;

namespace Quayside.Bench.WorkflowLoad;

/// <summary>Clients that start a workflow, wait for its end, and start the next.</summary>
internal static class ChainLoad
{
    private const int Parts = 10;

    public static async Task RunAsync(string dapr, int count, int concurrency, CancellationToken cancellation)
    {
        await using var house = await House.StartAsync(dapr, cancellation);
        using var self = Process.GetCurrentProcess();
        (string Name, Process Process)[] processes = [("runtime", house.Runtime), ("worker", house.Worker), ("client", self)];
        var next = 0;
        for (var part = 1; part <= Parts; part++)
        {
            var (first, last) = (next, (int)((long)count * part / Parts));
            var before = processes.Select(p => Usage.Of(p.Process).Cpu).ToArray();
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => ClientAsync(last)));
            var seconds = watch.Elapsed.TotalSeconds;
            next = last;
            var costs = processes.Select((p, i) => $"{p.Name} {(Usage.Of(p.Process).Cpu - before[i]).TotalMilliseconds / (last - first):0.00}");
            Console.WriteLine($"{last,7} workflows: {(last - first) / seconds,6:0} a second; ms of CPU a workflow: {string.Join(", ", costs)}");
        }
        Console.WriteLine($"runtime: {Usage.Of(house.Runtime).Pss / 1024} MiB (PSS)");

        async Task ClientAsync(int end)
        {
            while (Interlocked.Increment(ref next) is var i && i <= end)
            {
                var id = await house.Client.ScheduleNewWorkflowAsync(Workflows.Chain, $"chain-{i}", i);
                var state = await house.Client.WaitForWorkflowCompletionAsync(id, getInputsAndOutputs: true, cancellation);
                if (state.ReadOutputAs<int>() != i + 5)
                    throw new InvalidOperationException($"{id} ended as {state.RuntimeStatus} with {state.ReadOutputAs<string>()}");
            }
        }
    }
}
