using System.Globalization;
using Dapr.Workflow;
using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.Admin;

/// <summary>
/// Reads workflows page by page. A page costs one query for ids and one read for each instance that it looks at, 200 at most and 16 at a time, whatever
/// the filter; so a filtered page may be short, or empty, and still have a next one. What is not over is looked for among the orders that are not
/// final, not among all instances of the last seven days.
/// </summary>
internal sealed class Sagas(IDaprWorkflowClient workflows, Invoker invoker, TimeProvider time)
{
    private const int AtOnce = 16;
    private const int MostEvents = 200;

    /// <param name="state">Null for all.</param>
    /// <returns>Null for a cursor that is none of this list.</returns>
    public async Task<SagaPage?> ListAsync(SagaFilter? state, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var (ids, next) = state is { IsOpen: true } ? await ListOpenOrdersAsync(cursor, limit, cancellationToken) : await ListAllAsync(cursor, limit, cancellationToken);
        if (ids is null)
            return null;
        var views = new SagaView?[ids.Count];
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Count), limits, async (i, token) => views[i] = await FindAsync(ids[i], token));
        return new SagaPage([.. views.OfType<SagaView>().Where(view => state?.Fits(view) ?? true)], next);
    }

    /// <returns>With its history; null if there is no such workflow.</returns>
    public async Task<SagaView?> FindWithHistoryAsync(string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } view)
            return null;
        var history = await workflows.GetInstanceHistoryAsync(id, cancellationToken);
        return view with { History = [.. history.TakeLast(MostEvents).Select(SagaEvent.Of)] };
    }

    private async Task<SagaView?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var state = await workflows.GetWorkflowStateAsync(id, getInputsAndOutputs: true, cancellationToken);
        return state.Exists ? SagaView.Of(id, state, time.GetUtcNow()) : null;
    }

    private async Task<(IReadOnlyList<string>? Ids, string? Next)> ListAllAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        try
        {
            var page = await workflows.ListInstanceIdsAsync(cursor, limit, cancellationToken);
            return (page.InstanceIds, page.ContinuationToken);
        }
        catch (Exception failure) when (cursor is not null && failure is not OperationCanceledException)
        {
            // Only the engine knows its cursors: where it answers without this one, this one was wrong.
            await workflows.ListInstanceIdsAsync(null, 1, cancellationToken);
            return (null, null);
        }
    }

    private async Task<(IReadOnlyList<string>? Ids, string? Next)> ListOpenOrdersAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        if (!TryParse(cursor, out var after))
            return (null, null);
        var open = await invoker.PostAsync<FindOverdue, OverdueOrders>("order-service", "/internal/orders/overdue", new FindOverdue(0, limit, after), cancellationToken);
        return (open.OrderIds, open.Last is { } last ? string.Create(CultureInfo.InvariantCulture, $"{last.PlacedAt.UtcTicks}.{last.OrderId}") : null);
    }

    private static bool TryParse(string? cursor, out OpenOrder? after)
    {
        after = null;
        if (cursor is null)
            return true;
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !long.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > DateTime.MaxValue.Ticks)
            return false;
        after = new OpenOrder(cursor[(dot + 1)..], new DateTimeOffset(ticks, TimeSpan.Zero));
        return true;
    }
}
