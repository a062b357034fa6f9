using System.Text.Json;
using Dapr.Common.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Quayside.Saga;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Workflows.OrderSaga;
using WorkflowState = LocalDapr.Protocol.TaskHub.WorkflowState;

namespace Quayside.Services.Tests.Sagas;

/// <summary>
/// One saga on the real engine, the real worker code and the real activities, one work item after the other and in virtual time: whenever there is
/// nothing to do the clock moves to what is due next. Worker and runtime can die at any point.
/// </summary>
internal sealed class SagaRun : IAsyncDisposable
{
    private const string App = "workflows";

    private readonly IServiceProvider services;
    private readonly WorkflowTurn turns;
    private readonly ActivityRun activities;
    private readonly string file;
    private readonly string orderId;
    private readonly List<Task<ActivityResponse>> ghosts = [];
    private readonly HashSet<int> lostTurns = [];
    private WorkflowEngine engine;
    private WorkerStream stream;
    private Task<WorkFrame>? taking;

    private SagaRun(SagaHouse house, string orderId)
    {
        (services, file, this.orderId) = (house.Workflows, house.NewDatabase(), orderId);
        var (registered, serializer) = (services.GetRequiredService<IWorkflowsFactory>(), services.GetRequiredService<IDaprSerializer>());
        var loggers = services.GetRequiredService<ILoggerFactory>();
        (turns, activities) = (new(registered, serializer, loggers, NonDeterminism.Stall), new(registered, serializer, loggers));
        engine = Open();
        stream = engine.Enter(App);
    }

    public ManualTime Time { get; } = new();

    /// <summary>The activity whose calls are on their way; null for calls of an activity whose worker is dead.</summary>
    public string? Activity { get; private set; }

    /// <summary>Set while a work item is worked on: who dies before it is answered.</summary>
    public Victim Dies { get; set; }

    /// <summary>Completes when the activity is stuck in a call: the worker counts as dead and the call as still under way.</summary>
    public TaskCompletionSource Stuck { get; private set; } = new();

    /// <summary>Who dies in every turn, before it is answered for the first time.</summary>
    public Victim DiesInTurns { get; init; }

    public WorkflowState State => engine.Get(App, orderId, payloads: true)!;

    public SagaStatus? Status => string.IsNullOrEmpty(State.CustomStatus) ? null : JsonSerializer.Deserialize<SagaStatus>(State.CustomStatus, JsonSerializerOptions.Web);

    public IReadOnlyList<HistoryEvent> History => engine.GetHistory(App, orderId)!;

    public bool HasEnded => Statuses.IsFinished(State.WorkflowStatus);

    public static Task<SagaRun> StartAsync(SagaHouse house, string orderId, Victim diesInTurns = Victim.Nobody) =>
        StartAsync(house, nameof(OrderSaga), orderId, new OrderSagaInput(orderId), diesInTurns);

    public static async Task<SagaRun> StartAsync(SagaHouse house, string workflow, string id, object input, Victim diesInTurns = Victim.Nobody)
    {
        var run = new SagaRun(house, id) { DiesInTurns = diesInTurns };
        await run.engine.StartAsync(
            new(App, id, workflow, JsonSerializer.Serialize(input, JsonSerializerOptions.Web)), wait: false, TestContext.Current.CancellationToken);
        return run;
    }

    public Task RaiseAsync(string name) => engine.RaiseEventAsync(App, orderId, name, "\"decided\"");

    /// <summary>Works until the saga has ended or <paramref name="isEnough"/>; <paramref name="idle"/> is asked before the clock moves, and true means that it did something instead.</summary>
    public async Task WorkAsync(Func<bool>? isEnough = null, Func<Task<bool>>? idle = null)
    {
        while (!HasEnded && isEnough?.Invoke() != true)
        {
            if (await NextAsync(idle) is { } item)
                await WorkAsync(item);
        }
    }

    /// <summary>The calls that were stuck are over: what comes of them, comes now.</summary>
    public async Task EndGhostsAsync()
    {
        foreach (var ghost in ghosts)
            await engine.CompleteActivityAsync(App, await ghost);
        ghosts.Clear();
    }

    public async ValueTask DisposeAsync() => await engine.DisposeAsync();

    private async Task<WorkItem?> NextAsync(Func<Task<bool>>? idle)
    {
        taking ??= engine.TakeAsync(stream, TestContext.Current.CancellationToken);
        while (stream.Waiting is not null)
        {
            if (idle is not null && await idle())
                continue;
            if (!Time.AdvanceToNext())
                throw new InvalidOperationException($"The saga waits for nothing, in {Status}.");
        }
        var frame = await taking;
        taking = null;
        var bytes = new byte[frame.Size];
        frame.WriteTo(bytes);
        return WorkItem.Parser.ParseFrom(bytes);
    }

    private async Task WorkAsync(WorkItem item)
    {
        await using var scope = services.CreateAsyncScope();
        if (item.WorkflowRequest is { } turn)
        {
            var answer = await turns.RunAsync(turn, turn.PastEvents, scope.ServiceProvider);
            answer.CompletionToken = item.CompletionToken;
            if (DiesInTurns is not Victim.Nobody && lostTurns.Add(turn.PastEvents.Count))
                await DieAsync(DiesInTurns);
            else
                await engine.CompleteTurnAsync(App, answer);
            return;
        }
        Activity = item.ActivityRequest.Name;
        (Dies, Stuck) = (Victim.Nobody, new());
        var running = RunActivityAsync(item);
        var ended = await Task.WhenAny(running, Stuck.Task);
        Activity = null;
        if (ended != running)
        {
            ghosts.Add(running);
            await DieAsync(Victim.Worker);
        }
        else if (Dies is not Victim.Nobody)
            await DieAsync(Dies);
        else
            await engine.CompleteActivityAsync(App, await running);
    }

    private async Task<ActivityResponse> RunActivityAsync(WorkItem item)
    {
        await using var scope = services.CreateAsyncScope();
        var answer = await activities.RunAsync(item.ActivityRequest, scope.ServiceProvider);
        answer.CompletionToken = item.CompletionToken;
        return answer;
    }

    private async Task DieAsync(Victim victim)
    {
        if (victim is Victim.Runtime)
        {
            await engine.DisposeAsync();
            engine = Open();
        }
        else
        {
            engine.Leave(stream);
        }
        stream = engine.Enter(App);
    }

    private WorkflowEngine Open() => new(Database.Open(file, Durability.Normal, WorkflowSchema.Sql), Time, NullLogger.Instance);
}

internal enum Victim { Nobody, Worker, Runtime }
