using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

internal sealed partial class WorkflowEngine
{
    private const int DefaultPage = 1024;

    /// <summary>The state of an instance as committed; null when there is none. Before its first turn it has neither name nor times.</summary>
    public WorkflowState? Get(string app, string id, bool payloads, bool parent = false) => database.Read(c =>
    {
        if (c.FindInstance(app, id) is not { } row)
            return null;
        var state = new WorkflowState
        {
            InstanceId = id,
            WorkflowStatus = row.Status,
            Name = row.Name ?? "",
            CreatedTimestamp = Times.ToTimestamp(row.Created ?? 0),
            LastUpdatedTimestamp = Times.ToTimestamp(row.Updated ?? 0),
            StartedAt = row.Started is { } started ? Times.ToTimestamp(started) : null,
        };
        if (parent && row.Parent is { } link)
            (state.ParentInstanceId, state.ParentAppId) = (link.InstanceId, link.App);
        if (payloads && row.Name is not null)
            AddPayloads(state, row, c.HistoryEnds(row.Key));
        return state;
    });

    /// <summary>Waits until the instance is there and <paramref name="holds"/> is true of its status; for one that is stalled it throws.</summary>
    public async Task<WorkflowState> WaitAsync(string app, string id, bool payloads, Func<OrchestrationStatus, bool> holds, CancellationToken cancellation)
    {
        using var watch = Signals.Enter(app, id);
        while (true)
        {
            var changed = watch.Changed;
            if (Get(app, id, payloads, parent: true) is { } state)
            {
                if (holds(state.WorkflowStatus))
                    return state;
                if (state.WorkflowStatus == OrchestrationStatus.Stalled)
                    throw new WorkflowException(WorkflowFailure.Stalled, "actor is stalled");
            }
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>The committed events of the current run; null when there is no such instance.</summary>
    public IReadOnlyList<HistoryEvent>? GetHistory(string app, string id) => database.Read(c =>
    {
        if (c.FindInstance(app, id) is not { } row)
            return null;
        List<HistoryEvent> events = [.. c.History(row.Key).SelectMany(History.Decode)];
        if (row.Stalled is { } stalled)
            events.Add(HistoryEvent.Parser.ParseFrom(stalled));
        return events;
    });

    /// <summary>The ids of an app's instances, oldest first; the token is null on the last page.</summary>
    public (IReadOnlyList<string> Ids, string? Token) List(string app, string? token, int? pageSize)
    {
        var size = pageSize is > 0 and var asked ? asked : DefaultPage;
        var after = 0L;
        if (!string.IsNullOrEmpty(token) && !long.TryParse(token, out after))
            throw new WorkflowException(WorkflowFailure.Invalid, $"'{token}' is no continuation token");
        var page = database.Read(c => c.List(app, after, size + 1L));
        var more = page.Count > size;
        var ids = page.Take(size).Select(p => p.Id).ToArray();
        return (ids, more ? page[size - 1].Key.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    private static void AddPayloads(WorkflowState state, InstanceRow row, (byte[]? First, byte[]? Last) history)
    {
        state.CustomStatus = row.CustomStatus;
        if (history is not ({ } first, { } last))
            return;
        state.Input = History.Decode(first).FirstOrDefault(e => e.ExecutionStarted is not null)?.ExecutionStarted.Input;
        if (!Statuses.IsFinished(row.Status) || History.Decode(last).LastOrDefault(e => e.ExecutionCompleted is not null)?.ExecutionCompleted is not { } end)
            return;
        state.Output = end.Result;
        state.FailureDetails = end.FailureDetails;
    }
}
