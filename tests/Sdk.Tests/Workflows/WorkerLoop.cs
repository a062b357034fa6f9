using System.Diagnostics;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalDapr.Sdk.Tests.Workflows;

public class WorkerLoop
{
    private sealed class Scoped : IDisposable
    {
        public static int Disposed;

        public void Dispose() => Interlocked.Increment(ref Disposed);
    }

    private sealed class Greet(Scoped scoped) : WorkflowActivity<string, string>
    {
        public override Task<string> RunAsync(WorkflowActivityContext context, string input) =>
            Task.FromResult($"{input} {context.Identifier.Name} {context.InstanceId} {context.TaskExecutionKey} {scoped is not null}");
    }

    private static LocalDapr.Protocol.TaskHub.WorkItem Activity(string name, string? input = null, string? traceparent = null) => new()
    {
        ActivityRequest = new()
        {
            Name = name,
            Input = input,
            TaskId = 3,
            TaskExecutionId = "key",
            WorkflowInstance = new() { InstanceId = "i-1" },
            ParentTraceContext = traceparent is null ? null : new() { TraceParent = traceparent },
        },
        CompletionToken = "t",
    };

    [Fact]
    public async Task Turns_and_activities_are_answered_with_their_tokens()
    {
        var engine = new StubEngine();
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, o =>
        {
            o.RegisterWorkflow<string, string>("Flow", (context, input) => context.CallActivityAsync<string>(nameof(Greet), input));
            o.RegisterActivity<Greet>();
        }, s => s.AddScoped<Scoped>());
        Assert.Equal("tok", (await engine.StreamAsync()).Get("dapr-api-token"));

        engine.SendTurn("i-1", ScriptedEngine.Started("\"hi\""));
        var turn = await engine.TurnAsync();
        Assert.Equal(("i-1", "token-i-1", "Greet"), (turn.InstanceId, turn.CompletionToken, turn.Actions.Single().ScheduleTask.Name));

        var disposed = Scoped.Disposed;
        engine.Send(Activity("greet", "\"hi\""));
        var activity = await engine.ActivityAsync();
        Assert.Equal(("i-1", 3, "t", "\"hi greet i-1 key True\""), (activity.InstanceId, activity.TaskId, activity.CompletionToken, activity.Result));
        Assert.Equal(disposed + 1, SpinWait.SpinUntil(() => Scoped.Disposed > disposed, StubEngine.Patience) ? disposed + 1 : disposed);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Failures_of_activities_are_told_with_type_and_message()
    {
        var engine = new StubEngine();
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, o =>
            o.RegisterActivity<object?, int>("Bad", (_, _) => throw new InvalidOperationException("no", new ArgumentException("inner"))));

        engine.Send(Activity("Bad"));
        var failed = (await engine.ActivityAsync()).FailureDetails;
        Assert.Equal(("System.InvalidOperationException", "no", false, null), (failed.ErrorType, failed.ErrorMessage, failed.IsNonRetriable, failed.InnerFailure));

        engine.Send(Activity("Unknown"));
        Assert.Equal("ActivityNotFoundException", (await engine.ActivityAsync()).FailureDetails.ErrorType);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Work_items_run_side_by_side()
    {
        var engine = new StubEngine();
        using var both = new CountdownEvent(2);
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, o => o.RegisterActivity<object?, bool>("Meet", (_, _) =>
        {
            both.Signal();
            return Task.FromResult(both.Wait(StubEngine.Patience));
        }));

        engine.Send(Activity("Meet"));
        engine.Send(Activity("Meet"));

        Assert.Equal(("true", "true"), ((await engine.ActivityAsync()).Result, (await engine.ActivityAsync()).Result));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_sidecar_that_comes_back_is_found_within_seconds()
    {
        var first = new StubEngine();
        var sidecar = await FakeSidecar.StartAsync(first.Register);
        var endpoint = sidecar.GrpcEndpoint;
        using var host = await StubEngine.WorkerAsync(endpoint, o => o.RegisterActivity<object?, int>("One", (_, _) => Task.FromResult(1)));
        await first.StreamAsync();
        await sidecar.DisposeAsync();

        var second = new StubEngine();
        var clock = Stopwatch.StartNew();
        await using var again = await FakeSidecar.StartAsync(second.Register, grpcUrl: endpoint);
        await second.StreamAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4.5), $"took {clock.Elapsed}");

        second.Send(Activity("One"));
        Assert.Equal("1", (await second.ActivityAsync()).Result);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_activity_that_runs_while_the_app_stops_is_still_answered()
    {
        var engine = new StubEngine();
        TaskCompletionSource began = new(), release = new();
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, o => o.RegisterActivity<object?, int>("Slow", async (_, _) =>
        {
            began.SetResult();
            await release.Task;
            return 1;
        }));
        engine.Send(Activity("Slow"));
        await began.Task.WaitAsync(StubEngine.Patience);

        var stopping = host.StopAsync(TestContext.Current.CancellationToken);
        release.SetResult();

        Assert.Equal("1", (await engine.ActivityAsync()).Result);
        await stopping;
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task An_activity_belongs_to_its_callers_trace_whether_anybody_listens_or_not(bool listening)
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "Dapr.Workflow",
            Sample = (ref ActivityCreationOptions<ActivityContext> o) => o.TraceId.ToHexString() == Trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = a => { lock (spans) spans.Add(a); },
        };
        if (listening)
            ActivitySource.AddActivityListener(listener);
        var trace = listening ? Trace : "1af7651916cd43dd8448eb211c80319c";
        var engine = new StubEngine();
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, o =>
            o.RegisterActivity<object?, string?>("Traced", (_, _) => Task.FromResult(System.Diagnostics.Activity.Current?.TraceId.ToHexString())));

        engine.Send(Activity("Traced", traceparent: $"00-{trace}-b7ad6b7169203331-01"));

        Assert.Equal($"\"{trace}\"", (await engine.ActivityAsync()).Result);
        if (listening)
            Assert.Equal("WorkflowActivity Traced", Assert.Single(spans).OperationName);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_second_registration_is_ignored_and_the_first_name_stays()
    {
        var services = new ServiceCollection();
        services.AddDaprWorkflow(o =>
        {
            o.RegisterActivity<object?, int>("A", (_, _) => Task.FromResult(1));
            o.RegisterActivity<object?, int>("a", (_, _) => Task.FromResult(2));
        });
        services.AddDaprWorkflow(o => o.RegisterActivity<object?, int>("B", (_, _) => Task.FromResult(3)));

        using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IWorkflowsFactory>();
        Assert.True(factory.TryCreateActivity("a", provider, out var activity, out _));
        Assert.Equal(1, await activity!.RunAsync(null!, null));
        Assert.False(factory.TryCreateActivity("B", provider, out _, out var failure));
        Assert.Null(failure);
        Assert.Single(services, s => s.ServiceType == typeof(IHostedService));
        Assert.Single(services, s => s.ServiceType == typeof(DaprWorkflowClient));
        Assert.DoesNotContain(services, s => s.ServiceType == typeof(IDaprWorkflowClient));
    }
}
