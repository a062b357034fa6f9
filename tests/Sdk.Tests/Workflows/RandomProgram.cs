using Dapr.Workflow;
using FsCheck;
using FsCheck.Fluent;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>One step of a made-up workflow.</summary>
internal abstract record ProgramStep
{
    public sealed record Activity(string Name) : ProgramStep;

    public sealed record Retried(string Name) : ProgramStep;

    public sealed record Child(string Name) : ProgramStep;

    public sealed record Delay : ProgramStep;

    public sealed record Wait(string Event) : ProgramStep;

    public sealed record WaitWithTime(string Event) : ProgramStep;

    /// <summary>A step that came with a patch.</summary>
    public sealed record Patched(ProgramStep Step) : ProgramStep;

    public sealed record Both(ProgramStep[] One, ProgramStep[] Other) : ProgramStep;
}

/// <summary>A workflow made of steps, run <paramref name="Runs"/> times by continue-as-new, and what happens to it: chosen by <paramref name="Seed"/>.</summary>
internal sealed record RandomProgram(ProgramStep[] Steps, int Runs, int Seed)
{
    private static readonly string[] Names = ["A", "B", "C"];

    private static readonly Gen<ProgramStep> AnyLeaf = Gen.OneOf(
        Gen.Elements(Names).Select(ProgramStep (n) => new ProgramStep.Activity(n)),
        Gen.Elements(Names).Select(ProgramStep (n) => new ProgramStep.Activity(n)),
        Gen.Elements(Names).Select(ProgramStep (n) => new ProgramStep.Retried(n)),
        Gen.Elements(Names).Select(ProgramStep (n) => new ProgramStep.Child(n)),
        Gen.Constant<ProgramStep>(new ProgramStep.Delay()),
        Gen.Elements(Names).Select(ProgramStep (n) => new ProgramStep.Wait(n)),
        Gen.Elements(Names).Select(ProgramStep (n) => new ProgramStep.WaitWithTime(n)));

    private static readonly Gen<ProgramStep> AnyStep = Gen.Frequency(
        (5, AnyLeaf),
        (1, SomeOf(AnyLeaf, 1, 3).SelectMany(one => SomeOf(AnyLeaf, 1, 3).Select(ProgramStep (other) => new ProgramStep.Both(one, other)))));

    public static Arbitrary<RandomProgram> Any { get; } = SomeOf(AnyStep, 1, 6)
        .SelectMany(steps => Gen.Choose(1, 7).SelectMany(runs => Gen.Choose(0, int.MaxValue - 1).Select(seed => new RandomProgram(steps, runs, seed)))).ToArbitrary();

    /// <summary>One step removed, replaced, or put before another, at any depth.</summary>
    public static Arbitrary<(RandomProgram Program, RandomProgram Changed)> AnyChange { get; } = Changes(Gen.Elements("remove", "replace", "insert"), step => step);

    /// <summary>One step put before another, at any depth, under a patch.</summary>
    public static Arbitrary<(RandomProgram Program, RandomProgram Changed)> AnyPatch { get; } = Changes(Gen.Constant("insert"), step => new ProgramStep.Patched(step));

    public async Task<string?> RunAsync(WorkflowContext context, int run)
    {
        await RunAsync(context, Steps);
        if (run < Runs)
            context.ContinueAsNew(run + 1);
        return null;
    }

    public override string ToString() => $"{Runs} runs (seed {Seed}) of {Text(Steps)}";

    private static Arbitrary<(RandomProgram Program, RandomProgram Changed)> Changes(Gen<string> any, Func<ProgramStep, ProgramStep> make) =>
        (from program in Any.Generator
         from at in Gen.Choose(0, Count(program.Steps) - 1)
         from how in any
         from step in AnyLeaf
         select (program, program with { Steps = Change(program.Steps, at, how, make(step)) })).ToArbitrary();

    private static Gen<ProgramStep[]> SomeOf(Gen<ProgramStep> any, int least, int most) => Gen.Choose(least, most).SelectMany(n => any.ArrayOf(n));

    private static int Count(ProgramStep[] steps) => steps.Sum(s => s is ProgramStep.Both both ? 1 + Count(both.One) + Count(both.Other) : 1);

    private static ProgramStep[] Change(ProgramStep[] steps, int at, string how, ProgramStep step) => Change(steps, ref at, how, step);

    private static ProgramStep[] Change(ProgramStep[] steps, ref int at, string how, ProgramStep step)
    {
        var changed = new List<ProgramStep>();
        foreach (var old in steps)
        {
            var here = at-- == 0;
            if (here && how != "remove")
                changed.Add(step);
            if (here && how != "insert")
                continue;
            changed.Add(old is ProgramStep.Both both ? new ProgramStep.Both(Change(both.One, ref at, how, step), Change(both.Other, ref at, how, step)) : old);
        }
        return [.. changed];
    }

    private static async Task RunAsync(WorkflowContext context, ProgramStep[] steps)
    {
        foreach (var step in steps)
            await (step switch
            {
                ProgramStep.Activity activity => context.CallActivityAsync(activity.Name),
                ProgramStep.Retried activity => RetriedAsync(context, activity.Name),
                ProgramStep.Child child => context.CallChildWorkflowAsync(child.Name),
                ProgramStep.Delay => context.CreateTimer(TimeSpan.FromMinutes(1)),
                ProgramStep.Wait wait => context.WaitForExternalEventAsync<string>(wait.Event),
                ProgramStep.WaitWithTime wait => InTimeAsync(context, wait.Event),
                ProgramStep.Patched patched => context.IsPatched("new") ? RunAsync(context, [patched.Step]) : Task.CompletedTask,
                ProgramStep.Both both => Task.WhenAll(RunAsync(context, both.One), RunAsync(context, both.Other)),
                _ => throw new NotSupportedException($"{step}"),
            });
    }

    private static async Task RetriedAsync(WorkflowContext context, string name)
    {
        try
        {
            await context.CallActivityAsync(name, null, new(new(2, TimeSpan.FromSeconds(1))));
        }
        catch (WorkflowTaskFailedException)
        {
            await context.CallActivityAsync("Undo" + name);
        }
    }

    private static async Task InTimeAsync(WorkflowContext context, string name)
    {
        try
        {
            await context.WaitForExternalEventAsync<string>(name, TimeSpan.FromMinutes(1));
        }
        catch (TaskCanceledException)
        {
            await context.CallActivityAsync("Late" + name);
        }
    }

    private static string Text(ProgramStep[] steps) => string.Join(", ", steps.Select(s => s is ProgramStep.Both both ? $"({Text(both.One)} | {Text(both.Other)})" : $"{s}".Replace(" { }", "").Replace(" { ", "(").Replace(" }", ")")));
}
