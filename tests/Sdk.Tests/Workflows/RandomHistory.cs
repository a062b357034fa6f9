using Dapr.Common.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.DependencyInjection;
using static LocalDapr.Sdk.Tests.Workflows.ScriptedEngine;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>One turn as the engine asked for it, and the answer.</summary>
internal sealed record PlayedTurn(HistoryEvent[] Past, HistoryEvent[] New, WorkflowResponse Answer)
{
    /// <summary>A continued run's first events, with nothing of its own in the past.</summary>
    public bool BeginsContinuedRun => Past.Length == 0 && New[0].Router is not null;

    public bool IsHeld { get; } = Past.Concat(New).LastOrDefault(e => e.ExecutionSuspended is not null || e.ExecutionResumed is not null)?.ExecutionSuspended is not null;
}

/// <summary>
/// Plays the engine to a program as Dapr 1.18 does, with what is unkind there: results, events and timers in any order and several in a turn, late
/// results of earlier runs, failures, suspension, and a continued run whose first events come as history.
/// </summary>
internal sealed class RandomHistory
{
    private const int Longest = 40;
    private const int MaxRuns = 3;

    private static readonly IServiceProvider Services = new ServiceCollection().BuildServiceProvider();

    private readonly Random random;
    private readonly List<string> patches = [];
    private readonly List<HistoryEvent> past = [];
    private readonly Dictionary<int, HistoryEvent> open = [];
    private DateTime clock = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private bool suspended;
    private int run;

    private RandomHistory(int seed) => random = new(seed);

    /// <summary>The turns of each run.</summary>
    public List<List<PlayedTurn>> Runs { get; } = [[]];

    /// <summary>What becomes of the program; from a turn on it may be played by another one, as after a deployment.</summary>
    public static RandomHistory Of(RandomProgram program, RandomProgram? deployed = null, int from = Longest)
    {
        var history = new RandomHistory(program.Seed);
        history.Play(Worker(program, NonDeterminism.Stall), Worker(deployed ?? program, NonDeterminism.Stall), from);
        return history;
    }

    public static WorkflowTurn Worker(RandomProgram program, NonDeterminism nonDeterminism)
    {
        var options = new WorkflowRuntimeOptions();
        options.RegisterWorkflow<int, string?>("Flow", program.RunAsync);
        return new(WorkflowsFactory.Of(options), new JsonDaprSerializer(), new LogLines(), nonDeterminism);
    }

    /// <summary>A turn is over when its code waits for the engine: there is nothing to wait for.</summary>
    public static WorkflowResponse Ask(WorkflowTurn worker, HistoryEvent[] past, HistoryEvent[] fresh)
    {
        var answer = worker.RunAsync(new() { InstanceId = InstanceId, NewEvents = { fresh } }, past, Services);
        return answer.IsCompleted ? answer.Result : throw new InvalidOperationException("The turn goes on by itself.");
    }

    private void Play(WorkflowTurn first, WorkflowTurn deployed, int from)
    {
        var continued = 0;
        HistoryEvent[] fresh = [Began(), Start("0", "run-0")];
        for (var turns = 0; turns < Longest; turns++)
        {
            var answer = Ask(turns < from ? first : deployed, [.. past], fresh);
            Runs[^1].Add(new([.. past], fresh, answer));
            if (answer.Actions.Any(a => a.WorkflowVersionNotAvailable is not null))
                return;
            switch (answer.Actions.FirstOrDefault(a => a.CompleteWorkflow is not null)?.CompleteWorkflow)
            {
                case { WorkflowStatus: OrchestrationStatus.ContinuedAsNew } next:
                    Runs.Add([]);
                    past.Clear();
                    open.Clear();
                    patches.Clear();
                    var began = Began();
                    began.Router = new() { SourceAppID = "me" };
                    fresh = [began, Start(next.Result, $"run-{++run}"), .. next.CarryoverEvents];
                    if (++continued % MaxRuns == 0)
                    {
                        past.AddRange(fresh);
                        fresh = [Began(), .. Happenings(0)];
                    }
                    break;
                case not null:
                    return;
                default:
                    Stamp(fresh[0], answer.Version);
                    past.AddRange(fresh);
                    foreach (var e in answer.Actions.Select(a => ToHistory(a, clock)!))
                    {
                        past.Add(e);
                        open.Add(e.EventId, e);
                    }
                    fresh = [Began(), .. Happenings(1)];
                    break;
            }
        }
    }

    private void Stamp(HistoryEvent began, WorkflowVersion? version)
    {
        if (version is null)
            return;
        Assert.Equal(patches, version.Patches.Take(patches.Count));
        began.WorkflowStarted.Version = new() { Patches = { version.Patches.Skip(patches.Count) } };
        patches.AddRange(version.Patches.Skip(patches.Count));
    }

    private HistoryEvent Began() => new() { EventId = -1, Timestamp = Timestamp.FromDateTime(clock = clock.AddSeconds(1)), WorkflowStarted = new() };

    private HistoryEvent Start(string input, string executionId)
    {
        var start = Started(input);
        start.ExecutionStarted.WorkflowInstance.ExecutionId = executionId;
        start.Timestamp = Timestamp.FromDateTime(clock);
        return start;
    }

    private IEnumerable<HistoryEvent> Happenings(int least)
    {
        for (var n = random.Next(least, 4); n > 0; n--)
            yield return Happening();
    }

    private HistoryEvent Happening()
    {
        var kind = random.Next(10);
        if (kind == 0)
        {
            suspended = !suspended;
            return suspended ? new() { EventId = -1, ExecutionSuspended = new() } : new() { EventId = -1, ExecutionResumed = new() };
        }
        if (kind == 1)
            return Done(random.Next(4), "\"late\"", "of another run");
        if (kind > 4 && open.Count > 0)
            return End(open.ElementAt(random.Next(open.Count)).Value);
        var name = ((string[])["a", "B", "c"])[random.Next(3)];
        // The event takes the place of the timer that limits the wait for it.
        if (open.Values.FirstOrDefault(e => name.Equals(e.TimerCreated?.ExternalEvent?.Name, StringComparison.OrdinalIgnoreCase)) is { } timer)
            open.Remove(timer.EventId);
        return Raised(name, "\"x\"");
    }

    private HistoryEvent End(HistoryEvent scheduled)
    {
        var id = scheduled.EventId;
        open.Remove(id);
        if (scheduled.TaskScheduled is { } task)
            return random.Next(8) == 0 ? Failed(id) : Done(id, null, task.TaskExecutionId);
        return scheduled.TimerCreated is not null ? Fired(id) : ChildDone(id, null);
    }
}
