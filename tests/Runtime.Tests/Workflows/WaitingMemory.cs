using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Runtime.Tests.Workflows;

[Collection(nameof(AloneOnTheMachine))]
public sealed class WaitingMemory(ITestOutputHelper output)
{
    [Fact(Timeout = 120_000)]
    public async Task An_instance_that_waits_holds_less_than_a_KiB_of_heap_on_average()
    {
        const int count = 30_000;
        using var folder = new TempFolder();
        await using var engine = new WorkflowEngine(Database.Open(folder.File("w.db"), Durability.Off, WorkflowSchema.Sql), TimeProvider.System, NullLogger.Instance);
        var stream = engine.Enter("app");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Parallel.ForAsync(0, count, async (i, cancellation) => await engine.StartAsync(new("app", $"w{i}", "W", "1"), wait: false, cancellation));
        for (var i = 0; i < count; i++)
        {
            var frame = await engine.TakeAsync(stream, TestContext.Current.CancellationToken);
            var bytes = new byte[frame.Size];
            frame.WriteTo(bytes);
            var id = WorkItem.Parser.ParseFrom(bytes).WorkflowRequest.InstanceId;
            await engine.CompleteTurnAsync("app", new() { InstanceId = id, Actions = { i % 2 == 0 ? [Actions.Timer(0, TimeSpan.FromDays(1))] : [] } });
        }
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        output.WriteLine($"{each} bytes of heap for each of {count} waiting instances");
        Assert.InRange(each, 0, 1024);
    }
}
