using LocalDapr.Protocol.TaskHub;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Sagas;

/// <summary>Runs one order through a scenario, with one fault or none, and compares what everybody's books say.</summary>
internal sealed class Cell(SagaHouse house, Scenario scenario, Fault? fault, Victim diesInTurns = Victim.Nobody)
{
    /// <summary>A day for the approval, some hours until what is broken is mended; a saga that runs on after that never ends.</summary>
    private static readonly TimeSpan LongestSaga = TimeSpan.FromDays(3);

    private readonly HashSet<Call> calls = [];
    private readonly TaskCompletionSource late = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SagaRun run = null!;
    private string orderId = "";
    private DateTimeOffset? metAt;
    private int met;
    private bool isMended;
    private bool isCancelled;
    private bool isDecided;
    private bool sawAttention;

    /// <summary>All calls that the saga's activities made.</summary>
    public IReadOnlyCollection<Call> Calls => calls;

    /// <summary>Of the workflow, at its end.</summary>
    public IReadOnlyList<HistoryEvent> History { get; private set; } = [];

    /// <summary>What differs from what is expected; empty when all is well.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var expected = fault is null ? new Expected(scenario.Reason, false) : Expected.Of(scenario, fault);
        var before = await house.StockAsync();
        orderId = await house.PlaceAsync(scenario.Quantity, scenario.Token, scenario.Postcode);
        await using (run = await SagaRun.StartAsync(house, orderId, diesInTurns))
        {
            (house.Sidecar.BeforeCall, house.Sidecar.AfterCall, house.Sidecar.Instead) = (BeforeAsync, AfterAsync, Instead);
            try
            {
                // Broken for ever is mended once the saga asks for it; before it holds anything it does not ask, but tries for some hours.
                var end = run.Time.GetUtcNow() + LongestSaga;
                await run.WorkAsync(() => NeedsAttention() || run.Time.GetUtcNow() > metAt + TimeSpan.FromHours(5) || run.Time.GetUtcNow() > end, IdleAsync);
                isMended = true;
                await run.WorkAsync(() => run.Time.GetUtcNow() > end, IdleAsync);
                var differences = await CompareAsync(expected, before);
                History = run.History;
                if (fault is { Kind: FaultKind.LateAfterCompensation or FaultKind.LateAfterSuccess })
                {
                    late.SetResult();
                    await run.EndGhostsAsync();
                    differences.AddRange((await CompareAsync(expected, before)).Select(d => "after the late call: " + d));
                    if (!History.SequenceEqual(run.History)) differences.Add("the late answer changed the history");
                }
                if (fault is not null && met == 0) differences.Add("the fault was never met");
                return differences;
            }
            finally
            {
                late.TrySetResult();
                (house.Sidecar.BeforeCall, house.Sidecar.AfterCall, house.Sidecar.Instead) = ((_, _) => Task.CompletedTask, (_, _) => Task.CompletedTask, (_, _) => null);
            }
        }
    }

    private bool NeedsAttention() => sawAttention |= run.Status?.NeedsAttention == true;

    private async Task BeforeAsync(string app, string path)
    {
        if (run.Activity is not { } activity) return;
        var call = new Call(activity, app, path);
        calls.Add(call);
        if (scenario.Cancels == (activity, path) && !isCancelled)
            isCancelled = await house.CancelAsync(orderId);
        if (scenario.IsCollected && activity == nameof(CancelShipmentActivity)) house.OutsideTime.Advance(TimeSpan.FromMinutes(2));
        if (IsBroken(call) && !scenario.OnlyAnswersAreLost) throw new HttpRequestException("the scenario's");
        if (fault is null || call != fault.Call) return;

        var isFirst = met++ == 0;
        metAt ??= run.Time.GetUtcNow();
        switch (fault.Kind)
        {
            case FaultKind.ThrowsOnce when isFirst:
            case FaultKind.ThrowsForEver when !isMended:
            case FaultKind.CalleeDown when run.Time.GetUtcNow() < metAt + TimeSpan.FromMinutes(5):
            case FaultKind.LateAfterCompensation when !isFirst && !isMended:
                throw new HttpRequestException("the fault's");
            case FaultKind.LateAfterCompensation or FaultKind.LateAfterSuccess when isFirst:
                run.Stuck.SetResult();
                await late.Task;
                break;
            case FaultKind.WorkerKilledBefore or FaultKind.RuntimeKilledBefore when isFirst:
                run.Dies = fault.Kind is FaultKind.WorkerKilledBefore ? Victim.Worker : Victim.Runtime;
                throw new HttpRequestException("the end of the worker");
        }
    }

    private Task AfterAsync(string app, string path)
    {
        var call = new Call(run.Activity ?? "", app, path);
        if (IsBroken(call)) throw new HttpRequestException("the scenario's");
        if (fault is null || call != fault.Call) return Task.CompletedTask;
        switch (fault.Kind)
        {
            case FaultKind.TimesOut when met == 1:
            case FaultKind.TimesOutForEver when !isMended:
                throw new HttpRequestException("the fault's");
            case FaultKind.WorkerKilledAfter or FaultKind.RuntimeKilledAfter when met == 1:
                run.Dies = fault.Kind is FaultKind.WorkerKilledAfter ? Victim.Worker : Victim.Runtime;
                throw new HttpRequestException("the end of the worker");
        }
        return Task.CompletedTask;
    }

    private string? Instead(string app, string path) =>
        fault is { Kind: FaultKind.Refused } && met == 1 && new Call(run.Activity ?? "", app, path) == fault.Call ? Refusals.Of(fault.Call) : null;

    private bool IsBroken(Call call) => scenario.Broken is var (activity, path) && call.Activity == activity && call.Path == path;

    /// <summary>While the approval is awaited somebody decides, at most once; then the event comes as the subscription would raise it.</summary>
    private async Task<bool> IdleAsync()
    {
        if (scenario.Approved is not { } approved || isDecided || run.Status?.Step != "Approval") return false;
        isDecided = true;
        await house.DecideAsync(orderId, approved);
        await run.RaiseAsync(OrderSaga.Decided);
        return true;
    }

    private async Task<List<string>> CompareAsync(Expected expected, StockBook before)
    {
        List<string> differences = [];
        void Check<T>(string what, T wanted, T found)
        {
            if (!EqualityComparer<T>.Default.Equals(wanted, found)) differences.Add($"{what}: expected {wanted}, found {found}");
        }

        var order = await house.OrderAsync(orderId);
        var stock = await house.StockAsync();
        var pieces = expected.Ships ? scenario.Quantity : 0;
        Check("the workflow", OrchestrationStatus.Completed, run.State.WorkflowStatus);
        Check("the order", expected.Ships ? OrderStatus.Shipped : OrderStatus.Cancelled, order.Status);
        Check("the reason", expected.Reason, order.CancelReason);
        Check("needs attention", expected.NeedsAttention, sawAttention);
        Check("the bank holds", expected.Ships ? scenario.Quantity * SagaHouse.Price : 0, await house.HeldAsync(orderId));
        Check("a parcel is under way", expected.Ships, await house.ParcelAsync(orderId) is CarrierEntryState.Accepted);
        Check("the stock", (before.OnHand - pieces, before.Reserved, before.Shipped + pieces), (stock.OnHand, stock.Reserved, stock.Shipped));
        return differences;
    }
}
