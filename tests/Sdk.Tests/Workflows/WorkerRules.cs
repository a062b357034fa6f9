using Dapr.Common.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>What the worker does around the code: limits, serializers, registrations, histories that are fetched.</summary>
public class WorkerRules
{
    private sealed class Needy(IFormattable missing) : WorkflowActivity<object?, string?>
    {
        public override Task<string?> RunAsync(WorkflowActivityContext context, object? input) => Task.FromResult(missing.ToString());
    }

    private sealed class WithField
    {
        public int Number = 7;
    }

    private static WorkItem Activity(string name, string? input = null, int id = 0) =>
        new() { ActivityRequest = new() { Name = name, Input = input, TaskId = id, WorkflowInstance = new() { InstanceId = "i" } } };

    private static async Task UseAsync(Action<WorkflowRuntimeOptions> register, Func<StubEngine, IHost, Task> test, Action<IServiceCollection>? services = null, Action<GrpcServices>? calls = null)
    {
        var engine = new StubEngine();
        await using var sidecar = await FakeSidecar.StartAsync(s => { engine.Register(s); calls?.Invoke(s); });
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, register, services);
        await test(engine, host);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task No_more_than_the_limit_runs_at_once(bool activities)
    {
        var (running, most, release) = (0, 0, new ManualResetEventSlim());
        using var begun = new CountdownEvent(2);
        string Run()
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (!begun.IsSet)
                begun.Signal();
            Assert.True(release.Wait(StubEngine.Patience));
            Interlocked.Decrement(ref running);
            return "";
        }
        await UseAsync(o =>
        {
#pragma warning disable CS0618 // Obsolete in the official package, where they do nothing.
            Assert.Equal((100, 100), (o.MaxConcurrentActivities, o.MaxConcurrentWorkflows));
            Assert.Throws<ArgumentOutOfRangeException>(() => o.MaxConcurrentActivities = 0);
            Assert.Throws<ArgumentOutOfRangeException>(() => o.MaxConcurrentWorkflows = 0);
            if (activities)
                o.MaxConcurrentActivities = 2;
            else
                o.MaxConcurrentWorkflows = 2;
#pragma warning restore CS0618
            o.RegisterActivity<object?, string>("Limited", (_, _) => Task.FromResult(Run()));
            o.RegisterActivity<object?, string>("Mark", (_, _) => Task.FromResult(""));
            o.RegisterWorkflow<object?, string>("Flow", (_, _) => Task.FromResult(activities ? "" : Run()));
        }, async (engine, _) =>
        {
            for (var i = 0; i < 5; i++)
                if (activities)
                    engine.Send(Activity("Limited", id: i));
                else
                    engine.SendTurn($"i-{i}", ScriptedEngine.Started());
            Assert.True(begun.Wait(StubEngine.Patience));
            // The other kind is not held up, and is answered when all five have been handed out.
            if (activities)
            {
                engine.SendTurn("mark", ScriptedEngine.Started());
                await engine.TurnAsync();
            }
            else
            {
                engine.Send(Activity("Mark"));
                await engine.ActivityAsync();
            }
            release.Set();
            for (var i = 0; i < 5; i++)
                await (activities ? engine.ActivityAsync() : (Task)engine.TurnAsync());
            Assert.Equal(2, most);
        });
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = most; now > seen; seen = most)
            Interlocked.CompareExchange(ref most, now, seen);
    }

    [Fact]
    public async Task A_history_that_is_not_sent_is_fetched()
    {
        HistoryEvent[] history = [new() { EventId = -1, WorkflowStarted = new() }, ScriptedEngine.Started(), new() { EventId = 0, TaskScheduled = new() { Name = "A" } }];
        string? asked = null;
        await UseAsync(o => o.RegisterWorkflow<object?, string>("Flow", (context, _) => context.CallActivityAsync<string>("A")), async (engine, _) =>
        {
            engine.Send(new() { WorkflowRequest = new() { InstanceId = "i", RequiresHistoryStreaming = true, NewEvents = { new HistoryEvent { EventId = -1, WorkflowStarted = new() }, ScriptedEngine.Done(0, "\"a\"") } } });
            Assert.Equal("\"a\"", Assert.Single((await engine.TurnAsync()).Actions).CompleteWorkflow.Result);
            Assert.Equal("i", asked);
        }, null, s => s.Unary(TaskHubMethods.GetInstanceHistory, (r, _) => { asked = r.InstanceId; return Task.FromResult(new GetInstanceHistoryResponse { Events = { history } }); }));
    }

    [Fact]
    public async Task An_activity_that_cannot_be_made_fails_with_the_reason_and_a_missing_value_is_no_value()
    {
        await UseAsync(o =>
        {
            o.RegisterActivity<Needy>();
            o.RegisterActivity<int, int>("Number", (_, number) => Task.FromResult(number));
        }, async (engine, _) =>
        {
            engine.Send(Activity("Needy"));
            Assert.Equal("System.InvalidOperationException", (await engine.ActivityAsync()).FailureDetails.ErrorType);
            engine.Send(Activity("Number", ""));
            Assert.Equal("System.NullReferenceException", (await engine.ActivityAsync()).FailureDetails.ErrorType);
            engine.Send(Activity("Number", "7"));
            Assert.Equal("7", (await engine.ActivityAsync()).Result);
        });
    }

    [Fact]
    public async Task Worker_and_client_have_serializers_of_their_own()
    {
        string? input = null;
        await UseAsync(o => o.RegisterActivity<WithField, WithField>("Echo", (_, value) => Task.FromResult(value)), async (engine, host) =>
        {
            engine.Send(Activity("Echo", """{"number":3}"""));
            Assert.Equal("""{"number":3}""", (await engine.ActivityAsync()).Result);
            await host.Services.GetRequiredService<DaprWorkflowClient>().ScheduleNewWorkflowAsync("W", "i", new WithField());
            Assert.Equal("{}", input);
        }, null, s => s.Unary(TaskHubMethods.StartInstance, (r, _) => { input = r.Input; return Task.FromResult(new CreateInstanceResponse()); }));
    }

    [Fact]
    public async Task Serializers_can_be_chosen_for_each()
    {
        var services = new ServiceCollection().AddLogging();
        var builder = services.AddDaprWorkflowBuilder(null, (_, b) => b.UseJsonSerializer(new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseUpper }))
            .WithJsonSerializer(new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.KebabCaseLower });
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("""{"two-words":1}""", provider.GetRequiredService<IDaprSerializer>().Serialize(new { TwoWords = 1 }));

        string? input = null;
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(TaskHubMethods.StartInstance, (r, _) => { input = r.Input; return Task.FromResult(new CreateInstanceResponse()); }));
        var own = new Dapr.Workflow.Registration.DaprWorkflowClientBuilder().UseJsonSerializer(new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseUpper });
        await using var client = own.UseGrpcEndpoint(sidecar.GrpcEndpoint).Build();
        await client.ScheduleNewWorkflowAsync("W", "i", new { TwoWords = 1 });
        Assert.Equal("""{"TWO_WORDS":1}""", input);
        Assert.Same(services, builder.Services);
    }

    [Fact]
    public async Task The_length_of_messages_can_be_limited()
    {
        var big = new string('x', 3 << 20);
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(TaskHubMethods.StartInstance, (r, _) => Task.FromResult(new CreateInstanceResponse { InstanceId = r.InstanceId })));
        async Task<string> StartAsync(bool limited)
        {
            var services = new ServiceCollection().AddLogging();
            var builder = services.AddDaprWorkflowBuilder(null);
            if (limited)
                builder.WithGrpcMessageSizeLimits(maxSendMessageSize: 1 << 20);
            services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationManager { ["DAPR_GRPC_ENDPOINT"] = sidecar.GrpcEndpoint });
            await using var provider = services.BuildServiceProvider();
            return await provider.GetRequiredService<DaprWorkflowClient>().ScheduleNewWorkflowAsync("W", "i", big);
        }

        Assert.Equal("i", await StartAsync(limited: false));
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => StartAsync(limited: true))).Status);
    }

    [Fact]
    public async Task An_answer_that_is_not_taken_is_dropped_and_the_next_item_served() =>
        await UseAsync(o => o.RegisterActivity<int, int>("A", (_, input) => Task.FromResult(input)), async (engine, _) =>
        {
            var refused = engine.RefuseOneAsync();
            engine.Send(Activity("A", "1"));
            await refused;
            engine.Send(Activity("A", "2"));
            Assert.Equal("2", (await engine.ActivityAsync()).Result);
        });

    /// <summary>Time in which nobody waits longer than 20 ms.</summary>
    private sealed class Hasty : TimeProvider
    {
        public TimeSpan Longest { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Longest = period > Longest ? period : Longest;
            return base.CreateTimer(callback, state, Short(dueTime), Short(period));
        }

        private static TimeSpan Short(TimeSpan time) => time > TimeSpan.Zero ? TimeSpan.FromMilliseconds(20) : time;
    }

    [Fact]
    public async Task The_sidecar_is_greeted_every_30_seconds()
    {
        var time = new Hasty();
        await UseAsync(_ => { }, async (engine, _) =>
        {
            await engine.HelloAsync();
            await engine.HelloAsync();
            Assert.Equal(TimeSpan.FromSeconds(30), time.Longest);
        }, s => s.AddSingleton<TimeProvider>(time));
    }

    [Fact]
    public async Task The_code_of_a_turn_runs_in_the_trace_that_started_the_instance()
    {
        const string Trace = "2af7651916cd43dd8448eb211c80319c";
        await UseAsync(o => o.RegisterWorkflow<object?, string?>("Flow", (_, _) => Task.FromResult(System.Diagnostics.Activity.Current?.TraceId.ToHexString())), async (engine, _) =>
        {
            var started = ScriptedEngine.Started();
            started.ExecutionStarted.ParentTraceContext = new() { TraceParent = $"00-{Trace}-b7ad6b7169203331-01" };
            engine.SendTurn("i", started);
            Assert.Equal($"\"{Trace}\"", Assert.Single((await engine.TurnAsync()).Actions).CompleteWorkflow.Result);
        });
    }

    [Fact]
    public async Task Without_a_list_the_classes_of_the_calling_assembly_are_registered_and_what_registers_itself()
    {
        WorkflowAutoRegistry.Register(Self);
        WorkflowAutoRegistry.Register(Self);
        var services = new ServiceCollection().AddLogging().AddDaprWorkflow();
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IWorkflowsFactory>();

        Assert.True(factory.TryCreateActivity(nameof(Found), provider, out var found, out _));
        Assert.IsType<Found>(found);
        Assert.True(factory.TryCreateWorkflow("itself", provider, out _, out _));
        Assert.False(factory.TryCreateActivity("nobody", provider, out _, out var reason));
        Assert.Null(reason);
    }

    private static void Self(WorkflowRuntimeOptions options) => options.RegisterWorkflow<object?, string>("Itself", (_, _) => Task.FromResult(""));

    private sealed class Found : WorkflowActivity<object?, string?>
    {
        public override Task<string?> RunAsync(WorkflowActivityContext context, object? input) => Task.FromResult<string?>("found");
    }
}
