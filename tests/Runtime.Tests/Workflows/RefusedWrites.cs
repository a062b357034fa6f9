using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>What is not on the disk is told to nobody.</summary>
public sealed class RefusedWrites : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_start_and_an_event_that_could_not_be_written_are_refused_and_not_remembered()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await sidecar.StartAsync("w", "W");
        await using (new RefusingTable(folder.File("data/workflow.db"), "inbox"))
        {
            await Assert.ThrowsAsync<RpcException>(() => sidecar.RaiseAsync("w", "lost"));
            await Assert.ThrowsAsync<RpcException>(() => sidecar.StartAsync("other", "W", "lost"));
        }
        await sidecar.RaiseAsync("w", "kept");
        await sidecar.StartAsync("other", "W", "kept");

        await using var worker = new Worker(sidecar.Grpc);
        Assert.Equal("kept", (await worker.TurnAsync("w")).NewEvents[2].EventRaised.Name);
        Assert.Equal("kept", (await worker.TurnAsync("other")).NewEvents[1].ExecutionStarted.Input);
    }

    [Fact]
    public async Task A_turn_that_could_not_be_written_starts_nothing_and_comes_again()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("w", "W");
        await worker.TurnAsync("w");
        await using (new RefusingTable(folder.File("data/workflow.db"), "history"))
            await Assert.ThrowsAsync<RpcException>(() => worker.AnswerAsync("w", Actions.Task(0, "A")));

        await worker.TurnAsync("w");
        Assert.Empty(worker.Unread);
        await worker.AnswerAsync("w", Actions.Task(0, "A"));
        await start.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("A", (await worker.ActivityAsync("w")).Name);
    }
}
