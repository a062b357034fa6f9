using Quayside.Saga;

namespace Quayside.Patterns.Tests.Saga;

public sealed class SagaRunnerTests
{
    private static readonly SagaStep[] Steps =
    [
        new("Reserve", "Release"),
        new("Charge", "Refund"),
        new("Confirm"),
        new("Ship", "Unship", IsPivot: true),
        new("Commit"),
    ];

    private readonly Dictionary<string, Func<int, object?>> script = [];
    private readonly Dictionary<string, int> tries = [];
    private readonly List<string> reasons = [];
    private ScriptedWorkflow? workflow;

    [Fact]
    public async Task Steps_run_in_order()
    {
        Assert.Equal(new SagaResult(true), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Confirm", "Ship", "Commit"], workflow!.Calls);
    }

    [Fact]
    public async Task A_refused_step_is_not_undone_and_those_before_it_are_in_reverse_with_the_original_reason()
    {
        script["Ship"] = _ => StepResult.Refused("address refused");
        Assert.Equal(new SagaResult(false, "address refused"), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Confirm", "Ship", "Refund", "Release"], workflow!.Calls);
        Assert.Equal(["address refused", "address refused"], reasons);
    }

    [Fact]
    public async Task A_step_of_unknown_outcome_is_undone_first()
    {
        script["Charge"] = _ => null;
        Assert.Equal(new SagaResult(false, "Charge is broken"), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Refund", "Release"], workflow!.Calls);
    }

    [Fact]
    public async Task A_step_that_was_stopped_may_have_happened_in_an_earlier_attempt_and_is_undone()
    {
        script["Charge"] = _ => StepResult.Stop("cancelled by the customer");
        Assert.Equal(new SagaResult(false, "cancelled by the customer"), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Refund", "Release"], workflow!.Calls);
    }

    [Fact]
    public async Task A_pivot_of_unknown_outcome_that_is_gone_sends_the_saga_forward()
    {
        script["Ship"] = _ => null;
        script["Unship"] = _ => new UndoResult(Undone: false);
        Assert.Equal(new SagaResult(true), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Confirm", "Ship", "Unship", "Commit"], workflow!.Calls);
    }

    [Fact]
    public async Task After_the_pivot_a_step_is_repeated_until_it_succeeds()
    {
        script["Commit"] = attempt => attempt < 12 ? null : StepResult.Succeeded;
        Assert.Equal(new SagaResult(true), await RunAsync());
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], workflow!.Pauses.Select(pause => pause.TotalSeconds));
        Assert.DoesNotContain("Release", workflow.Calls);
        Assert.Equal(new SagaStatus("Commit", 11, NeedsAttention: true), workflow.Statuses[^1]);
    }

    [Fact]
    public async Task A_broken_compensation_holds_back_the_next_one_until_it_succeeds()
    {
        script["Ship"] = _ => StepResult.Refused("no");
        script["Refund"] = attempt => attempt < 3 ? null : new UndoResult();
        Assert.Equal(new SagaResult(false, "no"), await RunAsync());
        Assert.Equal(["Ship", "Refund", "Refund", "Refund", "Release"], workflow!.Calls.Skip(3));
    }

    [Fact]
    public async Task No_step_before_the_pivot_starts_after_the_deadline()
    {
        script["Reserve"] = _ =>
        {
            workflow!.Pass(TimeSpan.FromMinutes(61));
            return StepResult.Succeeded;
        };
        Assert.Equal(new SagaResult(false, "too late"), await RunAsync());
        Assert.Equal(["Reserve", "Release"], workflow!.Calls);
    }

    private Task<SagaResult> RunAsync()
    {
        workflow = new ScriptedWorkflow(Answer);
        return new SagaRunner<string>(workflow, "input", new SagaOptions { DeadlineReason = "too late" }).RunAsync(Steps);
    }

    private object? Answer(string name, object? input)
    {
        if (input is Undoing<string> undoing) reasons.Add(undoing.Reason);
        var attempt = tries[name] = tries.GetValueOrDefault(name) + 1;
        if (script.TryGetValue(name, out var answer)) return answer(attempt);
        return input is Undoing<string> ? new UndoResult() : StepResult.Succeeded;
    }
}
