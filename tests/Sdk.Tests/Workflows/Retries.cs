using Dapr.Workflow;
using Dapr.Workflow.Worker;
using LocalDapr.Protocol.TaskHub;
using static LocalDapr.Sdk.Tests.Workflows.ScriptedEngine;

namespace LocalDapr.Sdk.Tests.Workflows;

public class Retries
{
    private sealed class Own : Exception;

    private static ScriptedEngine Retrying(WorkflowRetryPolicy policy) => For<object?, string>((context, _) => context.CallActivityAsync<string>("A", options: new(policy)));

    [Fact]
    public async Task A_failed_attempt_is_followed_by_a_timer_and_a_new_attempt()
    {
        var engine = Retrying(new(3, TimeSpan.FromSeconds(1), 2));

        var first = Assert.Single((await engine.StartAsync()).Actions).ScheduleTask;
        var timer = Assert.Single((await engine.TurnAsync(Failed(0))).Actions);
        Assert.Equal((1, engine.Clock.AddSeconds(1), first.TaskExecutionId), (timer.Id, timer.CreateTimer.FireAt.ToDateTime(), timer.CreateTimer.ActivityRetry.TaskExecutionId));

        var second = Assert.Single((await engine.TurnAsync(Fired(1))).Actions);
        Assert.Equal((2, "A"), (second.Id, second.ScheduleTask.Name));
        Assert.NotEqual(first.TaskExecutionId, second.ScheduleTask.TaskExecutionId);
        var again = Assert.Single((await engine.TurnAsync(Failed(2))).Actions);
        Assert.Equal((engine.Clock.AddSeconds(2), first.TaskExecutionId), (again.CreateTimer.FireAt.ToDateTime(), again.CreateTimer.ActivityRetry.TaskExecutionId));

        await engine.TurnAsync(Fired(3));
        Assert.Equal("\"ok\"", Assert.Single((await engine.TurnAsync(Done(4, "\"ok\""))).Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public async Task The_last_attempt_gives_its_own_failure()
    {
        var engine = Retrying(new(2, TimeSpan.FromSeconds(1)));
        await engine.StartAsync();
        await engine.TurnAsync(Failed(0, "first"));
        await engine.TurnAsync(Fired(1));

        var end = Assert.Single((await engine.TurnAsync(Failed(2, "second"))).Actions).CompleteWorkflow;

        Assert.Equal((OrchestrationStatus.Failed, "Task failed: second"), (end.WorkflowStatus, end.FailureDetails.ErrorMessage));
    }

    [Fact]
    public async Task The_retry_timeout_ends_the_attempts()
    {
        var engine = Retrying(new(100, TimeSpan.FromSeconds(1), retryTimeout: TimeSpan.FromSeconds(1)));
        await engine.StartAsync();

        Assert.Equal(OrchestrationStatus.Failed, Assert.Single((await engine.TurnAsync(Failed(0))).Actions).CompleteWorkflow?.WorkflowStatus);
    }

    [Fact]
    public void Delays_grow_up_to_their_cap()
    {
        var policy = new WorkflowRetryPolicy(10, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(30));
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(n => policy.DelayAfter(n).TotalSeconds));
        Assert.True(new WorkflowRetryPolicy(10_000, TimeSpan.FromSeconds(1), 2).DelayAfter(9_999) > TimeSpan.FromDays(100));
    }

    [Fact]
    public void Senseless_policies_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(0, TimeSpan.FromSeconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(1, TimeSpan.FromSeconds(1), 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(1, TimeSpan.FromSeconds(1), maxRetryInterval: Timeout.InfiniteTimeSpan));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(1, TimeSpan.FromSeconds(3601)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(1, TimeSpan.FromSeconds(2), retryTimeout: TimeSpan.FromSeconds(1)));
        Assert.Null(new WorkflowRetryPolicy(1, TimeSpan.FromHours(1), retryTimeout: Timeout.InfiniteTimeSpan).MaxRetryInterval);
    }

    [Fact]
    public async Task A_child_gets_a_new_id_for_each_attempt_and_one_more_for_its_timers()
    {
        var engine = For<object?, string>((context, _) => context.CallChildWorkflowAsync<string>("Child", 1, new(RetryPolicy: new(2, TimeSpan.FromSeconds(1)))));
        string Nth(int n) => DeterministicGuid.Create(DeterministicGuid.Namespace(InstanceId, ExecutionId), $"{InstanceId}_{n}").ToString("D");

        Assert.Equal(Nth(1), Assert.Single((await engine.StartAsync()).Actions).CreateChildWorkflow.InstanceId);
        Assert.Equal(Nth(0), Assert.Single((await engine.TurnAsync(ChildFailed(0))).Actions).CreateTimer.ChildWorkflowRetry.InstanceId);
        Assert.Equal(Nth(2), Assert.Single((await engine.TurnAsync(Fired(1))).Actions).CreateChildWorkflow.InstanceId);
        Assert.Equal("\"ok\"", Assert.Single((await engine.TurnAsync(ChildDone(2, "\"ok\""))).Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public async Task A_failed_child_names_itself()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            try
            {
                return await context.CallChildWorkflowAsync<string>("Child", options: new("child-1"));
            }
            catch (WorkflowTaskFailedException e)
            {
                return $"{e.Message}|{e.FailureDetails.ErrorType}";
            }
        });

        Assert.Equal("child-1", Assert.Single((await engine.StartAsync()).Actions).CreateChildWorkflow.InstanceId);
        Assert.Equal("\"Child workflow \\u0027Child\\u0027 failed|E\"", Assert.Single((await engine.TurnAsync(ChildFailed(0))).Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public async Task Fan_out_keeps_its_limit_and_order()
    {
        var engine = For<object?, int[]>((context, _) => context.ProcessInParallelAsync([1, 2, 3], i => context.CallActivityAsync<int>("A", i), 2));

        Assert.Equal(["1", "2"], (await engine.StartAsync()).Actions.Select(a => a.ScheduleTask.Input));
        Assert.Equal("3", Assert.Single((await engine.TurnAsync(Done(1, "20"))).Actions).ScheduleTask.Input);
        Assert.Equal("[10,20,30]", Assert.Single((await engine.TurnAsync(Done(2, "30"), Done(0, "10"))).Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public async Task Fan_out_tells_all_failures_at_the_end()
    {
        var engine = For<object?, int[]>((context, _) => context.ProcessInParallelAsync([1, 2], i => context.CallActivityAsync<int>("A", i)));
        await engine.StartAsync();
        Assert.Empty((await engine.TurnAsync(Failed(0))).Actions);

        Assert.Equal("System.AggregateException", Assert.Single((await engine.TurnAsync(Done(1, "1"))).Actions).CompleteWorkflow.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task A_failure_that_says_it_cannot_be_retried_is_retried_all_the_same()
    {
        var engine = Retrying(new(2, TimeSpan.FromSeconds(1)));
        await engine.StartAsync();
        var failed = Failed(0);
        failed.TaskFailed.FailureDetails.IsNonRetriable = true;

        Assert.NotNull(Assert.Single((await engine.TurnAsync(failed)).Actions).CreateTimer);
    }

    [Fact]
    public void Only_exceptions_of_the_core_library_are_known_by_their_names()
    {
        static bool Caused<T>(string type) where T : Exception => new WorkflowTaskFailureDetails(type, "m").IsCausedBy<T>();

        Assert.True(Caused<ArgumentException>("System.ArgumentNullException"));
        Assert.False(Caused<InvalidOperationException>("System.ArgumentNullException"));
        Assert.False(Caused<Exception>(typeof(Own).FullName!));
    }
}
