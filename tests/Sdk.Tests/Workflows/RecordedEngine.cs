using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>The engine's side of conversations recorded from Dapr 1.18.3, played to our worker; its answers must be those of the recorded worker.</summary>
public class RecordedEngine
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("Hello", (_, name) => Task.FromResult($"Hello, {name}!"));
        options.RegisterWorkflow<int, int>("Chain", async (context, _) =>
        {
            var value = 0;
            for (var i = 0; i < 3; i++)
                value = await context.CallActivityAsync<int>($"Step{i}", value);
            return value;
        });
        options.RegisterWorkflow<object?, int>("Fan", async (context, _) =>
            (await Task.WhenAll(context.CallActivityAsync<int>("A", 0), context.CallActivityAsync<int>("B", 1), context.CallActivityAsync<int>("C", 2))).Sum());
        options.RegisterWorkflow<int, string>("Loop", async (context, round) =>
        {
            if (round == 2)
                return "done";
            if (round == 0)
            {
                await context.CallActivityAsync("Act");
                context.SetCustomStatus("loop 1");
            }
            context.ContinueAsNew(round + 1, preserveUnprocessedEvents: round == 0);
            return "ignored";
        });
        options.RegisterWorkflow<object?, string>("Parent", async (context, _) =>
        {
            try
            {
                return await context.CallChildWorkflowAsync<string>("Child", options: new("kidf-1"));
            }
            catch (WorkflowTaskFailedException e) when (e.FailureDetails.ErrorMessage == "child broke")
            {
                return "handled";
            }
        });
        options.RegisterWorkflow<object?, string>("Sus", async (context, _) =>
        {
            await context.CallActivityAsync("Slow");
            return "ok";
        });
        options.RegisterWorkflow<object?, string>("Waiter", async (context, _) => await context.WaitForExternalEventAsync<string>("never"));
    }

    [Theory]
    [InlineData("hello", 1)]
    [InlineData("activity_chain", 4)]
    [InlineData("fan_out", 4)]
    [InlineData("continue_as_new", 5)]
    [InlineData("child_fails", 2)]
    [InlineData("suspend_resume", 4)]
    public async Task Our_worker_answers_as_the_recorded_one(string flow, int turns)
    {
        var folder = Environment.GetEnvironmentVariable("GOLDEN_DIR");
        Assert.SkipWhen(folder is null, "GOLDEN_DIR does not name the folder of recorded conversations.");
        var transcript = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder!, "workflow", "wire.json"), TestContext.Current.CancellationToken))!["flows"]![flow]!["transcript"]!.AsArray();
        var recorded = new Queue<JsonNode>(transcript.Where(t => (string)t!["who"]! == "worker" && t["what"]!.ToString() is "CompleteOrchestratorTask" or "CompleteWorkflowTask")!);
        var engine = new StubEngine();
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, Register, null, (NonDeterminismSetting.Key, "stall"));
        var played = 0;

        foreach (var item in transcript.Where(t => (string)t!["who"]! == "engine" && t["item"]!["workflowRequest"] is not null).Select(t => t!["item"]!))
        {
            if (played == turns)
                break;
            var work = Parser.Parse<WorkItem>(WithTimes(item.DeepClone()).ToJsonString());
            var expected = Parser.Parse<WorkflowResponse>(WithTimes(recorded.Dequeue()["request"]!.DeepClone()).ToJsonString());
            if (expected.InstanceId == "kidf-1")
                continue;
            engine.Send(work);
            var answer = await engine.TurnAsync();
            Assert.Equal(expected.Actions.Where(a => a.ScheduleTask?.Name != "Never").Select(Shape), answer.Actions.Select(Shape));
            Assert.Equal((expected.InstanceId, expected.CustomStatus), (answer.InstanceId, answer.CustomStatus));
            played++;
        }

        Assert.Equal(turns, played);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static string Shape(WorkflowAction a) => string.Join('|', a.Id, a.WorkflowActionTypeCase,
        a.ScheduleTask?.Name ?? a.CreateChildWorkflow?.Name, a.CreateChildWorkflow?.InstanceId, a.ScheduleTask?.Input ?? a.CreateChildWorkflow?.Input ?? "",
        a.CompleteWorkflow?.WorkflowStatus, a.CompleteWorkflow?.Result, string.Join(',', a.CompleteWorkflow?.CarryoverEvents.Select(e => $"{e.EventRaised.Name}={e.EventRaised.Input}") ?? []));

    // Times were recorded as names; which times they were does not matter here.
    private static JsonNode WithTimes(JsonNode node)
    {
        foreach (var (name, value) in (node as JsonObject)?.ToArray() ?? [])
            if (value?.GetValueKind() == JsonValueKind.String && name is "timestamp" or "fireAt")
                node[name] = "2026-01-01T00:00:00Z";
            else if (value is not null)
                WithTimes(value);
        foreach (var value in (node as JsonArray)?.ToArray() ?? [])
            WithTimes(value!);
        return node;
    }
}
