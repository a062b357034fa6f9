using System.Diagnostics;
using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>One instance with a history of 10,000 events, one activity after another, with the real engine and disk and without the network.</summary>
[Collection(nameof(AloneOnTheMachine))]
public sealed class LongHistories(ITestOutputHelper output)
{
    private const int Steps = 3_334;
    private const int Events = 3 * Steps + 3;

    [Fact(Timeout = 60_000)]
    public async Task Ten_thousand_events_and_a_restart_in_the_middle_take_seconds_and_the_last_turns_cost_what_the_first_cost()
    {
        using var folder = new TempFolder();
        var watch = Stopwatch.StartNew();
        var (quarter, sent) = (new long[4], 0L);
        await RunAsync(0, Steps / 2);
        await RunAsync(Steps / 2 - 1, Steps);

        await using var last = Open(folder);
        var history = last.GetHistory("app", "long")!;
        Assert.Equal(Events, history.Count);
        Assert.Equal(Enumerable.Range(0, Steps), history.Where(e => e.TaskCompleted is not null).Select(e => e.TaskCompleted.TaskScheduledId));
        Assert.Equal(OrchestrationStatus.Completed, last.Get("app", "long", payloads: false)!.WorkflowStatus);
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s for {Steps} activities and turns; bytes allocated by quarter {string.Join(", ", quarter.Select(q => $"{q >> 20} MiB"))}; {sent >> 20} MiB of past events sent, the last time {history.Sum(e => e.CalculateSize() + 4) >> 10} KiB");
        // What a turn allocates beside the frame that is sent, which belongs to the connection, must not grow with the history.
        Assert.InRange(quarter[3], 0, quarter[0] * 2);

        async Task RunAsync(int from, int to)
        {
            await using var engine = Open(folder);
            var stream = engine.Enter("app");
            if (from == 0)
                await engine.StartAsync(new("app", "long", "Long", null), wait: false, default);
            for (var step = from; step < to; step++)
            {
                var before = GC.GetTotalAllocatedBytes();
                // After a restart the activity that was out comes first; its turn has been answered.
                if (step == 0 || step > from)
                {
                    sent += (await engine.TakeAsync(stream, default)).Size;
                    await engine.CompleteTurnAsync("app", new() { InstanceId = "long", Actions = { Actions.Task(step, "A") } });
                }
                if (step == to - 1 && to < Steps)
                    return;
                await engine.TakeAsync(stream, default);
                await engine.CompleteActivityAsync("app", new() { InstanceId = "long", TaskId = step, Result = "1" });
                quarter[step * 4 / Steps] += GC.GetTotalAllocatedBytes() - before;
            }
            await engine.TakeAsync(stream, default);
            await engine.CompleteTurnAsync("app", new() { InstanceId = "long", Actions = { Actions.Complete(Steps) } });
        }
    }

    private static WorkflowEngine Open(TempFolder folder) =>
        new(Database.Open(folder.File("w.db"), Durability.Normal, WorkflowSchema.Sql), TimeProvider.System, NullLogger.Instance);
}
