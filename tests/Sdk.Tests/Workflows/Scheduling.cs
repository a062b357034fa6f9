using Dapr.Workflow;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Logging;
using static LocalDapr.Sdk.Tests.Workflows.ScriptedEngine;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>Ids, names and routes of what a workflow asks for, and where the code gets its own from.</summary>
public class Scheduling
{
    [Fact]
    public async Task All_kinds_of_actions_share_one_sequence_from_zero_and_go_out_in_its_order()
    {
        var engine = For<object?, object?>(async (context, _) =>
        {
            var all = Task.WhenAll(context.CreateTimer(TimeSpan.FromHours(1)), context.CallChildWorkflowAsync("Child"), context.CallActivityAsync("A"));
            context.SendEvent("other", "hello", 1);
            var late = context.WaitForExternalEventAsync<string>("go", TimeSpan.FromHours(1));
            context.ContinueAsNew();
            await Task.WhenAll(all, late);
            return null;
        });

        Assert.Equal(["0 CreateTimer", "1 CreateChildWorkflow", "2 ScheduleTask", "3 SendEvent", "4 CreateTimer", "5 CompleteWorkflow"],
            (await engine.StartAsync()).Actions.Select(a => $"{a.Id} {a.WorkflowActionTypeCase}"));
    }

    [Fact]
    public async Task A_child_without_an_id_gets_the_next_guid_and_keeps_a_given_one_in_every_attempt()
    {
        var engine = For<object?, object?>(async (context, _) =>
        {
            await Task.WhenAll(context.CallChildWorkflowAsync("Child"), context.CallChildWorkflowAsync("Child", null, new("mine", new(2, TimeSpan.FromSeconds(1)))));
            return $"{context.NewGuid()}";
        });

        var start = await engine.StartAsync();
        Assert.Equal(["66d04fa4-a38e-5887-82cc-250f05b794c6", "mine"], start.Actions.Select(a => a.CreateChildWorkflow.InstanceId));
        Assert.Equal("mine", Assert.Single((await engine.TurnAsync(ChildFailed(1))).Actions).CreateTimer.ChildWorkflowRetry.InstanceId);
        Assert.Equal("mine", Assert.Single((await engine.TurnAsync(Fired(2))).Actions).CreateChildWorkflow.InstanceId);
    }

    [Theory]
    [InlineData("mine", null, "mine", "mine")]
    [InlineData("source", "target", "target", "target")]
    [InlineData(null, null, null, "")]
    public async Task The_own_app_id_is_the_target_of_the_start_or_its_source(string? source, string? target, string? own, string from)
    {
        var engine = For<object?, object?>(async (context, _) => { await context.CallChildWorkflowAsync("Child", null, new("c", TargetAppId: "other")); return null; });
        var started = Started();
        started.Router = source is null ? null : new() { SourceAppID = source };
        if (target is not null)
            started.Router!.TargetAppID = target;

        var action = Assert.Single((await engine.TurnAsync(started)).Actions);

        Assert.Equal((own, from), (action.Router?.SourceAppID, action.CreateChildWorkflow.Router?.SourceAppID ?? ""));
        Assert.Equal(own is null ? null : "other", action.CreateChildWorkflow.Router?.TargetAppID);
    }

    [Fact]
    public async Task Name_and_input_are_those_of_the_last_start()
    {
        var engine = new ScriptedEngine(o => o.RegisterWorkflow<string, string>("Last", (_, input) => Task.FromResult(input)));

        var answer = await engine.TurnAsync(Started("\"one\"", "First"), Started("\"two\"", "Last"));

        Assert.Equal("\"two\"", Assert.Single(answer.Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public async Task Without_a_start_the_name_is_the_recorded_one()
    {
        var engine = For<object?, string>((context, _) => Task.FromResult(context.Name));
        var began = new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(engine.Clock), WorkflowStarted = new() { Version = new() { Name = "Flow" } } };

        Assert.Equal("\"Flow\"", Assert.Single((await engine.ReplayAsync([began], began.Clone())).Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public async Task A_completion_before_its_schedule_waits_for_it()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            return await context.CallActivityAsync<string>("B");
        });
        await engine.StartAsync();
        await engine.TurnAsync(Done(1, "\"early\""));

        var answer = await engine.TurnAsync(Done(0));

        Assert.Equal(["B", null], answer.Actions.Select(a => a.ScheduleTask?.Name));
        Assert.Equal("\"early\"", answer.Actions[1].CompleteWorkflow.Result);
    }

    [Fact]
    public async Task Code_that_waits_for_the_world_outside_ends_its_turn_early()
    {
        var outside = new TaskCompletionSource();
        var engine = For<object?, object?>(async (context, _) =>
        {
            var first = context.CallActivityAsync("A");
            await outside.Task;
            await context.CallActivityAsync("B");
            await first;
            return null;
        });

        Assert.Equal("A", Assert.Single((await engine.StartAsync()).Actions).ScheduleTask.Name);
    }

    [Fact]
    public async Task A_replay_safe_logger_is_silent_while_replaying_but_keeps_its_scopes()
    {
        var (log, enabled) = (new LogLines(), new List<bool>());
        var engine = For<object?, object?>(async (context, _) =>
        {
            ILogger[] loggers = [context.CreateReplaySafeLogger("c"), context.CreateReplaySafeLogger(log.GetType()), context.CreateReplaySafeLogger<Scheduling>()];
            foreach (var logger in loggers)
            {
                enabled.Add(logger.IsEnabled(LogLevel.Critical));
                using (logger.BeginScope("scope"))
                    logger.Log(LogLevel.Information, default, "said", null, (text, _) => text);
            }
            await context.CallActivityAsync("A");
            loggers[0].Log(LogLevel.Information, default, "said after", null, (text, _) => text);
            return null;
        }, log);

        await engine.StartAsync();
        await engine.TurnAsync(Done(0));

        Assert.Equal(["Information: said", "Information: said", "Information: said", "Information: said after"], log.All);
        Assert.Equal([true, true, true, false, false, false], enabled);
        Assert.Equal(6, log.Scopes);
    }
}
