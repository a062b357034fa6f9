using Dapr.Workflow.Worker;
using FsCheck;
using FsCheck.Fluent;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>Whatever a workflow does and whatever happens to it: its own history is never called foreign, and that of other code always is.</summary>
public class RandomPrograms
{
    [Fact]
    public void No_program_is_told_of_its_own_history()
    {
        var (held, continued, ended) = (0, 0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(RandomProgram.Any, program =>
        {
            var runs = RandomHistory.Of(program).Runs;
            held += runs.Sum(r => r.Count(t => t.IsHeld));
            continued += runs.Count - 1;
            ended += runs[^1].Count(t => t.Answer.Actions.Any(a => a.CompleteWorkflow is not null));
            Assert.DoesNotContain(runs.SelectMany(r => r), t => IsStalled(t.Answer));
        }));
        // The property means something only if the histories are eventful.
        Assert.True(held > 1_000 && continued > 300 && ended > 300, $"{held} held turns, {continued} continued runs, {ended} ends");
    }

    [Fact]
    public void A_patched_program_is_never_told_of_the_history_before_its_deployment() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(RandomProgram.AnyPatch, change =>
            Assert.DoesNotContain(RandomHistory.Of(change.Program, change.Changed, change.Program.Seed % 20).Runs.SelectMany(r => r), t => IsStalled(t.Answer))));

    /// <summary>A changed program is one that would have answered an earlier turn of the run otherwise: it is told from the next turn on, and no other is.</summary>
    [Fact]
    public void Exactly_a_program_that_would_have_answered_an_earlier_turn_otherwise_is_told()
    {
        var (told, same) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(RandomProgram.AnyChange, change =>
        {
            var (warned, stalled) = (RandomHistory.Worker(change.Changed, NonDeterminism.Warn), RandomHistory.Worker(change.Changed, NonDeterminism.Stall));
            foreach (var turns in RandomHistory.Of(change.Program).Runs)
            {
                var parted = turns.FindIndex(t => !Shape(RandomHistory.Ask(warned, t.Past, t.New)).SequenceEqual(Shape(t.Answer)));
                for (var i = 0; i < turns.Count; i++)
                {
                    var isTold = IsStalled(RandomHistory.Ask(stalled, turns[i].Past, turns[i].New));
                    // A continued run that wants nothing at first looks like one that has not been run yet, so code that wants something there may pass.
                    if (parted >= 0 && i > parted && turns[parted].BeginsContinuedRun && turns[parted].Answer.Actions.Count == 0)
                        continue;
                    Assert.Equal(parted >= 0 && i > parted && !turns[i].IsHeld, isTold);
                    _ = isTold ? told++ : same++;
                }
            }
        }));
        Assert.True(told > 1_000 && same > 1_000, $"{told} told, {same} not");
    }

    private static bool IsStalled(WorkflowResponse answer) => answer.Actions.Any(a => a.WorkflowVersionNotAvailable is not null);

    private static IEnumerable<string> Shape(WorkflowResponse answer) => answer.Actions.Select(a => a.CompleteWorkflow is { } end ? $"{end.WorkflowStatus}" : $"{Step.Of(a)}");
}
