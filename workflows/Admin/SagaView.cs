using System.Text.Json;
using System.Text.Json.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Client;
using Quayside.Saga;

namespace Quayside.Workflows.Admin;

/// <summary>One workflow as an admin sees it; never its input, which may be about a person.</summary>
/// <param name="Id">Of the order, or of the registration.</param>
/// <param name="Kind">Name of the workflow.</param>
/// <param name="State">running, completed, failed and so on: that of the engine.</param>
/// <param name="Step">The activity that runs or is waited for, where the workflow tells it.</param>
/// <param name="Tries">Failed tries of the step so far.</param>
/// <param name="LastFailure">Of the last of these tries.</param>
/// <param name="AgeSeconds">Since it was started.</param>
/// <param name="History">Only when one workflow is asked for: its newest 200 events, oldest first.</param>
public sealed record SagaView(
    string Id,
    string Kind,
    string State,
    string? Step,
    int Tries,
    bool NeedsAttention,
    string? LastFailure,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    double AgeSeconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SagaEvent>? History = null)
{
    public static SagaView Of(string id, WorkflowState state, DateTimeOffset now)
    {
        var status = StatusOf(state);
        return new SagaView(
            id, state.WorkflowName ?? "", NameOf(state.RuntimeStatus), status?.Step, status?.Tries ?? 0, status?.NeedsAttention ?? false, status?.LastFailure,
            state.CreatedAt, state.LastUpdatedAt, (now - state.CreatedAt).TotalSeconds);
    }

    public static string NameOf<TName>(TName name)
        where TName : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(name.ToString());

    /// <summary>Null for a workflow that tells no step: custom status is each workflow's own.</summary>
    public static SagaStatus? StatusOf(WorkflowState state)
    {
        try
        {
            return state.ReadCustomStatusAs<SagaStatus>();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Event">Kind of the workflow's event, such as taskScheduled; names are those of the Dapr SDK.</param>
public sealed record SagaEvent(string Event, DateTime At)
{
    public static SagaEvent Of(WorkflowHistoryEvent happened) => new(SagaView.NameOf(happened.EventType), happened.Timestamp);
}

/// <param name="NextCursor">Give it back as ?cursor= with the same ?state=; null on the last page.</param>
public sealed record SagaPage(IReadOnlyList<SagaView> Items, string? NextCursor);
