using Quayside.Saga;

namespace Quayside.Patterns.Tests.Saga;

public sealed class SagaRunnerTests
{
    private static readonly SagaStep[] Steps =
    [
        new(null, "Cancel"),
        new("Reserve", "Release"),
        new("Charge", "Refund"),
        new("Confirm"),
        new("Ship", "Unship", IsPivot: true),
        new("Commit"),
    ];

    private readonly Dictionary<string, Func<int, object?>> script = [];
    private readonly Dictionary<string, int> tries = [];
    private readonly List<string> reasons = [];
    private SagaOptions options = new() { DeadlineReason = "too late", ExhaustedReason = "gave up" };
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
        Assert.Equal(["Reserve", "Charge", "Confirm", "Ship", "Refund", "Release", "Cancel"], workflow!.Calls);
        Assert.Equal(["address refused", "address refused", "address refused"], reasons);
    }

    [Fact]
    public async Task A_step_of_unknown_outcome_is_undone_first()
    {
        script["Charge"] = _ => null;
        Assert.Equal(new SagaResult(false, "gave up"), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Refund", "Release", "Cancel"], workflow!.Calls.Distinct());
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], workflow.Pauses.Select(pause => pause.TotalSeconds).Take(7));
        Assert.InRange(workflow.Pauses.Sum(pause => pause.TotalMinutes), 10, 10.5);
        Assert.Contains(new SagaStatus("Charge", 3, NeedsAttention: false, "Charge is broken"), workflow.Statuses);
        Assert.DoesNotContain(workflow.Statuses, status => ((SagaStatus)status!).NeedsAttention);
    }

    [Fact]
    public async Task A_step_that_was_stopped_may_have_happened_in_an_earlier_attempt_and_is_undone()
    {
        script["Charge"] = _ => StepResult.Stop("cancelled by the customer");
        Assert.Equal(new SagaResult(false, "cancelled by the customer"), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Refund", "Release", "Cancel"], workflow!.Calls);
    }

    [Fact]
    public async Task What_is_known_to_be_done_is_undone_wherever_the_saga_turns_back()
    {
        script["Reserve"] = _ => StepResult.Refused("released since");
        Assert.Equal(new SagaResult(false, "released since"), await RunAsync(known: 2));
        Assert.Equal(["Reserve", "Refund", "Release", "Cancel"], workflow!.Calls);

        script["Reserve"] = _ => StepResult.Succeeded;
        script["Ship"] = _ => StepResult.Refused("address refused");
        Assert.Equal(new SagaResult(false, "address refused"), await RunAsync(known: 1));
        Assert.Equal(["Reserve", "Charge", "Confirm", "Ship", "Refund", "Release", "Cancel"], workflow!.Calls);
    }

    [Fact]
    public async Task A_pivot_of_unknown_outcome_that_is_gone_sends_the_saga_forward()
    {
        script["Ship"] = _ => null;
        script["Unship"] = _ => new UndoResult(Undone: false);
        Assert.Equal(new SagaResult(true), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Confirm", "Ship", "Unship", "Commit"], workflow!.Calls.Distinct());
    }

    [Fact]
    public async Task After_the_pivot_a_step_is_repeated_until_it_succeeds()
    {
        script["Commit"] = attempt => attempt < 12 ? null : StepResult.Succeeded;
        Assert.Equal(new SagaResult(true), await RunAsync());
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], workflow!.Pauses.Select(pause => pause.TotalSeconds));
        Assert.DoesNotContain("Release", workflow.Calls);
        Assert.Equal(new SagaStatus("Commit", 11, NeedsAttention: true, "Commit is broken"), workflow.Statuses[^1]);
        Assert.Equal(10, workflow.Statuses.Cast<SagaStatus>().First(status => status.NeedsAttention).Tries);
    }

    [Fact]
    public async Task After_the_pivot_a_refusal_is_a_failure_like_any_other()
    {
        script["Commit"] = attempt => attempt == 1 ? StepResult.Refused("not reserved") : StepResult.Succeeded;
        Assert.Equal(SagaResult.Success, await RunAsync());
        Assert.Equal(new SagaStatus("Commit", 1, LastFailure: "not reserved"), workflow!.Statuses[^1]);
    }

    [Fact]
    public async Task A_compensation_before_the_pivot_that_says_too_late_is_repeated()
    {
        script["Ship"] = _ => StepResult.Refused("no");
        script["Refund"] = attempt => new UndoResult(attempt == 3);
        Assert.Equal(new SagaResult(false, "no"), await RunAsync());
        Assert.Equal(["Refund", "Refund", "Refund", "Release", "Cancel"], workflow!.Calls.Skip(4));
    }

    [Fact]
    public async Task A_pivot_whose_compensation_fails_is_not_taken_for_gone()
    {
        script["Ship"] = _ => StepResult.Stop("stopped");
        script["Unship"] = attempt => attempt < 3 ? null : new UndoResult();
        Assert.Equal(new SagaResult(false, "stopped"), await RunAsync());
        Assert.Equal(["Unship", "Unship", "Unship", "Refund", "Release", "Cancel"], workflow!.Calls.Skip(4));
    }

    [Fact]
    public async Task The_first_step_of_the_table_is_the_first_to_act()
    {
        workflow = new ScriptedWorkflow(Answer);
        Assert.Equal(SagaResult.Success, await new SagaRunner<string>(workflow, "input", options).RunAsync([new("One"), new("Two")]));
        Assert.Equal(["One", "Two"], workflow.Calls);
    }

    [Fact]
    public async Task A_broken_compensation_holds_back_the_next_one_until_it_succeeds()
    {
        script["Ship"] = _ => StepResult.Refused("no");
        script["Refund"] = attempt => attempt < 3 ? null : new UndoResult();
        Assert.Equal(new SagaResult(false, "no"), await RunAsync());
        Assert.Equal(["Ship", "Refund", "Refund", "Refund", "Release", "Cancel"], workflow!.Calls.Skip(3));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task No_step_before_the_pivot_starts_after_the_deadline(int minutes, bool isInTime)
    {
        script["Reserve"] = _ =>
        {
            workflow!.Pass(TimeSpan.FromMinutes(minutes));
            return StepResult.Succeeded;
        };
        Assert.Equal(isInTime ? SagaResult.Success : new SagaResult(false, "too late"), await RunAsync());
        Assert.Equal(isInTime ? ["Charge", "Confirm", "Ship", "Commit"] : ["Release", "Cancel"], workflow!.Calls.Skip(1));
    }

    [Fact]
    public async Task A_step_that_is_being_tried_at_the_deadline_is_undone_too()
    {
        script["Charge"] = _ =>
        {
            workflow!.Pass(TimeSpan.FromMinutes(61));
            return null;
        };
        options = options with { StepPatience = TimeSpan.FromHours(2) };
        Assert.Equal(new SagaResult(false, "too late"), await RunAsync());
        Assert.Equal(["Reserve", "Charge", "Refund", "Release", "Cancel"], workflow!.Calls);
    }

    [Theory]
    [InlineData("Commit", "Commit")]
    [InlineData("Refund", "Refund")]
    public async Task What_is_broken_for_long_goes_on_in_a_new_run_where_the_old_one_stood(string broken, string resumesWith)
    {
        if (broken == "Refund")
            script["Ship"] = _ => StepResult.Refused("no");
        script[broken] = _ => null;
        var first = await RunAsync();
        Assert.False(first.Completed);
        var position = Assert.IsType<SagaPosition>(first.GoOnAt);
        Assert.Equal(100, position.Tries);
        Assert.Equal(100, tries[broken]);

        script[broken] = attempt => attempt < 103 ? null : broken == "Refund" ? new UndoResult() : StepResult.Succeeded;
        var second = await RunAsync(position);
        Assert.Equal(broken == "Commit" ? SagaResult.Success : new SagaResult(false, "no"), second);
        Assert.Equal([resumesWith, resumesWith, resumesWith], workflow!.Calls.Take(3));
        Assert.Equal([300, 300], workflow.Pauses.Select(pause => pause.TotalSeconds));
        Assert.True(((SagaStatus)workflow.Statuses[0]!).NeedsAttention);
    }

    private Task<SagaResult> RunAsync(SagaPosition? from = null, int known = 0)
    {
        workflow = new ScriptedWorkflow(Answer);
        return new SagaRunner<string>(workflow, "input", options).RunAsync(Steps, from, known);
    }

    private object? Answer(string name, object? input)
    {
        if (input is Undoing<string> undoing) reasons.Add(undoing.Reason);
        var attempt = tries[name] = tries.GetValueOrDefault(name) + 1;
        if (script.TryGetValue(name, out var answer)) return answer(attempt);
        return input is Undoing<string> ? new UndoResult() : StepResult.Succeeded;
    }
}
