using System.Text.Json;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Tests.Workflows;

namespace LocalDapr.Runtime.Tests.Cli;

/// <summary>The commands for people: publish, invoke and workflow, on one run.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private TestApp app = null!;
    private RunProcess run = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(folder.File("components.yaml"), $"{WorkflowHost.Store}\n---\n{Yaml.Component("pubsub", "pubsub.in-memory")}\n---\n{Yaml.Subscription("news", "/news")}");
        app = await TestApp.StartAsync(call => call.Path == "/refused" ? 409 : 200);
        run = await RunProcess.StartAsync(folder, "--app-id", "myapp", "--app-port", $"{app.Port}", "-d", folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        run.Dispose();
        await app.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task An_event_is_published_as_the_app_that_is_named()
    {
        await File.WriteAllTextAsync(folder.File("event.json"), """{"specversion": "1.0", "id": "e-1", "source": "me", "type": "told", "data": {"n": 2}}""", TestContext.Current.CancellationToken);
        await DoneAsync("publish", "-i", "myapp", "-p", "pubsub", "-t", "news", "-d", """{"n": 1}""", "-m", """{"ttlInSeconds": "60"}""");
        await DoneAsync("publish", "-i", "myapp", "-p", "pubsub", "-t", "news", "-f", folder.File("event.json"));

        var first = JsonDocument.Parse((await ReceivedAsync(0)).Body).RootElement;
        Assert.Equal(("myapp", 1), (first.GetProperty("source").GetString(), first.GetProperty("data").GetProperty("n").GetInt32()));
        Assert.True(first.TryGetProperty("expiration", out _));
        var wrapped = JsonDocument.Parse((await ReceivedAsync(1)).Body).RootElement;
        Assert.Equal(("e-1", "told"), (wrapped.GetProperty("id").GetString(), wrapped.GetProperty("type").GetString()));

        await RefusedAsync("ERR_PUBSUB_NOT_FOUND", "publish", "-i", "myapp", "-p", "nowhere", "-t", "news");
        await RefusedAsync("no app `other` runs here. There are: myapp", "publish", "-i", "other", "-p", "pubsub", "-t", "news");
        await RefusedAsync("--metadata is not a JSON object", "publish", "-i", "myapp", "-p", "pubsub", "-t", "news", "-m", "ttl=1");
        await RefusedAsync("not both", "publish", "-i", "myapp", "-p", "pubsub", "-t", "news", "-d", "1", "-f", folder.File("event.json"));
    }

    [Fact]
    public async Task A_method_is_called_with_the_verb_and_the_data_that_are_given()
    {
        await DoneAsync("invoke", "-a", "myapp", "-m", "things/7", "-v", "put", "-d", """{"n": 1}""");

        var call = Assert.Single(app.Calls, call => call.Path == "/things/7");
        Assert.Equal(("PUT", """{"n": 1}""", "application/json"), (call.Method, call.Body, call.Headers["Content-Type"]));
        await RefusedAsync("409 ", "invoke", "-a", "myapp", "-m", "refused");
    }

    [Fact]
    public async Task Workflows_are_started_watched_and_managed()
    {
        var grpcPort = Assert.Single(await RunProcess.ListAsync(folder))[3];
        using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{grpcPort}"), options: new GrpcChannelOptions { ApiToken = RunProcess.ApiToken });
        await using var worker = new Worker(channel);

        var starting = DoneAsync("workflow", "run", "Order", "-i", "w1", "-x", """{"n": 1}""");
        var turn = await worker.TurnAsync("w1");
        Assert.Equal("""{"n": 1}""", turn.NewEvents.Single(e => e.ExecutionStarted is not null).ExecutionStarted.Input);
        await worker.AnswerAsync("w1", Actions.Task(0, "step"));
        await worker.AnswerActivityAsync("w1", (await worker.ActivityAsync("w1")).TaskId, "1");
        await worker.AnswerAsync((await worker.TurnAsync("w1")).InstanceId);
        Assert.Equal("Workflow instance started successfully: w1", await starting);
        await AnsweredAsync(worker, "w1", "workflow", "suspend", "w1", "-r", "lunch");
        Assert.Contains("SUSPENDED", await DoneAsync("workflow", "list", "-a", "myapp"), StringComparison.Ordinal);
        await AnsweredAsync(worker, "w1", "workflow", "resume", "w1");
        await DoneAsync("workflow", "raise-event", "w1/go", "-x", "5");
        var raised = (await worker.TurnAsync("w1")).NewEvents.Single(e => e.EventRaised is not null).EventRaised;
        Assert.Equal(("go", "5"), (raised.Name, raised.Input));
        await worker.AnswerAsync("w1", Actions.Complete(1, "\"well\""));
        await Eventually.TrueAsync(async () => (await DoneAsync("workflow", "list", "-s", "COMPLETED")).Contains("w1  ", StringComparison.Ordinal));

        var history = JsonDocument.Parse(await DoneAsync("workflow", "history", "w1", "-o", "json")).RootElement.EnumerateArray().SelectMany(e => e.EnumerateObject()).Select(p => p.Name).ToArray();
        Assert.Contains("executionStarted", history);
        Assert.Contains("executionSuspended", history);
        Assert.Contains("eventRaised", history);
        Assert.Contains("ExecutionSuspended", await DoneAsync("workflow", "history", "w1"), StringComparison.Ordinal);

        Assert.Equal("Rerunning workflow instance: w2", await DoneAsync("workflow", "rerun", "w1", "--new-instance-id", "w2"));
        await worker.ActivityAsync("w2");
        Assert.DoesNotContain("w2", await DoneAsync("workflow", "list", "-w", "Order", "-s", "COMPLETED"), StringComparison.Ordinal);
        Assert.Contains("w2", await DoneAsync("workflow", "list", "-w", "Order", "-m", "1h"), StringComparison.Ordinal);
        await AnsweredAsync(worker, "w2", "workflow", "terminate", "w2", "-o", "\"enough\"");
        Assert.Contains("TERMINATED", await DoneAsync("workflow", "list", "-o", "json"), StringComparison.Ordinal);

        Assert.Equal("Purged 0 workflow instances", await DoneAsync("workflow", "purge", "--all-older-than", "1h"));
        Assert.Equal("Purged 1 workflow instance", await DoneAsync("workflow", "purge", "--all-older-than", "0s", "--all-filter-status", "TERMINATED"));
        Assert.Equal("Purged 1 workflow instance", await DoneAsync("workflow", "purge", "w1"));
        Assert.DoesNotContain("w1", await DoneAsync("workflow", "list"), StringComparison.Ordinal);

        await RefusedAsync("w9", "workflow", "history", "w9");
        await RefusedAsync("Name instances", "workflow", "purge");
        await RefusedAsync("INSTANCE-ID/EVENT", "workflow", "raise-event", "w1");
        await RefusedAsync("neither a duration", "workflow", "list", "-m", "yesterday");
    }

    private async Task<AppCall> ReceivedAsync(int index)
    {
        await Eventually.TrueAsync(() => app.Calls.Count(call => call.Path == "/news") > index);
        return app.Calls.Where(call => call.Path == "/news").ElementAt(index);
    }

    /// <summary>A command that waits until the worker has answered a turn, with nothing here.</summary>
    private async Task AnsweredAsync(Worker worker, string id, params string[] arguments)
    {
        var done = DoneAsync(arguments);
        await worker.TurnAsync(id);
        await worker.AnswerAsync(id);
        await done;
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunProcess.DaprAsync(folder, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {error}");
        return output.TrimEnd();
    }

    private Task RefusedAsync(string expected, params string[] arguments) => RunProcess.RefusedAsync(folder, expected, arguments);
}
