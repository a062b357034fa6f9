using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;
using Microsoft.Extensions.Logging.Abstractions;

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

    [Fact]
    public async Task What_is_queued_behind_a_refused_write_is_refused_with_it_and_nothing_is_handed_out_twice()
    {
        await using var database = Database.Open(folder.File("w.db"), Durability.Normal, WorkflowSchema.Sql);
        await using var engine = new WorkflowEngine(database, TimeProvider.System, NullLogger.Instance);
        await engine.StartAsync(new("app", "other", "W", null), wait: false, default);
        await engine.StartAsync(new("app", "w", "W", null), wait: false, default);
        var stream = engine.Enter("app");
        await engine.TakeAsync(stream, default);
        await engine.TakeAsync(stream, default);
        var answer = new WorkflowResponse { InstanceId = "w", Actions = { Actions.Task(0, "A") } };

        await using (new RefusingTable(folder.File("w.db"), "inbox", "instr(hex(NEW.event), hex('lost')) > 0"))
        {
            Task lost, behind;
            await using (new HeldWriter(folder.File("w.db")))
            {
                lost = engine.RaiseEventAsync("app", "other", "lost", null);
                behind = engine.CompleteTurnAsync("app", answer);
            }
            Assert.Equal(WorkflowFailure.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => lost)).Failure);
            Assert.Equal(WorkflowFailure.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => behind)).Failure);
        }
        await engine.TakeAsync(stream, default);
        await engine.TakeAsync(stream, default);
        await engine.CompleteTurnAsync("app", answer);

        await engine.TakeAsync(stream, default);
        Assert.False(engine.TakeAsync(stream, default).IsCompleted);
    }
}
