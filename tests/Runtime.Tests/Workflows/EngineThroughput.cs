using System.Diagnostics;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>Turns per second of the engine and its disk, without the network; printed, not asserted.</summary>
public sealed class EngineThroughput(ITestOutputHelper output)
{
    [Theory]
    [InlineData(100, 10)]
    [InlineData(1, 1000)]
    public async Task Turns_per_second(int instances, int steps)
    {
        using var folder = new TempFolder();
        await using var engine = new WorkflowEngine(Database.Open(folder.File("workflow.db"), Durability.Normal, WorkflowSchema.Sql), TimeProvider.System, NullLogger.Instance);
        var cancellation = TestContext.Current.CancellationToken;
        var stream = engine.Enter("app");
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var worker = WorkAsync(engine, stream, steps, closing.Token);
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await Task.WhenAll(Enumerable.Range(0, instances).Select(i => engine.StartAsync(new("app", $"i{i}", "Chain", "1"), wait: false, cancellation)));
        for (var i = 0; i < instances; i++)
            await engine.WaitAsync("app", $"i{i}", false, Statuses.IsFinished, cancellation);
        var turns = instances * (steps + 1);
        var (seconds, busy) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        output.WriteLine($"{instances} instances x {steps} activities: {turns / seconds:0} turns/s, {busy / turns * 1e6:0} us CPU a turn with its activity (scripted worker included), synchronous=NORMAL");
        await closing.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker);
        Assert.Equal(3 * steps + 3, engine.GetHistory("app", "i0")!.Count);
    }

    private static async Task WorkAsync(WorkflowEngine engine, WorkerStream stream, int steps, CancellationToken cancellation)
    {
        while (true)
        {
            var frame = await engine.TakeAsync(stream, cancellation);
            var bytes = new byte[frame.Size];
            frame.WriteTo(bytes);
            var item = WorkItem.Parser.ParseFrom(bytes);
            if (item.WorkflowRequest is { } turn)
            {
                _ = engine.CompleteTurnAsync("app", ChainWorker.Decide(turn, steps));
            }
            else
            {
                var activity = item.ActivityRequest;
                _ = engine.CompleteActivityAsync("app", new ActivityResponse { InstanceId = activity.WorkflowInstance.InstanceId, TaskId = activity.TaskId, Result = "1" });
            }
        }
    }
}
