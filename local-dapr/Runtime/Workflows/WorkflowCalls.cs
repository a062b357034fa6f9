using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Workflows.Engine;

namespace LocalDapr.Runtime.Workflows;

/// <summary>The management calls behind both APIs, HTTP and service Dapr: their checks and errors. None of them waits for a worker.</summary>
internal sealed class WorkflowCalls(WorkflowsFeature feature)
{
    private const int MaxIdLength = 64;

    public async Task<string> StartAsync(string? id, string name, string input, string? startTime, string? traceParent, string? traceState)
    {
        const string code = "ERR_START_WORKFLOW";
        id = string.IsNullOrEmpty(id) ? Guid.NewGuid().ToString() : id;
        if (id.EnumerateRunes().Count() > MaxIdLength)
            throw Bad("ERR_INSTANCE_ID_TOO_LONG", $"workflow instance ID exceeds the max length of {MaxIdLength} characters");
        if (!id.EnumerateRunes().All(r => Rune.IsLetterOrDigit(r) || r.Value is '_' or '-'))
            throw Bad("ERR_INSTANCE_ID_INVALID", $"workflow instance ID '{id}' is invalid: only letters, digits, underscores and hyphens are allowed");
        if (name.Length == 0)
            throw Bad("ERR_WORKFLOW_NAME_MISSING", "workflow name is not configured");
        Timestamp? startAt = null;
        if (startTime is not null)
        {
            if (!DateTimeOffset.TryParse(startTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || !startTime.Contains('T', StringComparison.Ordinal))
                throw Bad(code, $"error starting workflow '{name}': start times must be in RFC3339 format");
            startAt = Timestamp.FromDateTimeOffset(time);
        }
        var trace = Spans.IsTraceParent(traceParent) ? new TraceContext { TraceParent = traceParent!, TraceState = string.IsNullOrEmpty(traceState) ? null : traceState } : null;
        await CallAsync(code, id, engine => engine.StartAsync(new(feature.AppId, id, name, input, startAt, trace), wait: false, default));
        return id;
    }

    /// <summary>Null when there is no such instance.</summary>
    public WorkflowState? Get(string id)
    {
        Check(id);
        return Engine("ERR_GET_WORKFLOW").Get(feature.AppId, id, payloads: true);
    }

    public Task RaiseEventAsync(string id, string name, string input)
    {
        if (name.Length == 0)
            throw Bad("ERR_WORKFLOW_EVENT_NAME_MISSING", "missing workflow event name");
        return CallAsync("ERR_RAISE_EVENT_WORKFLOW", id, engine => engine.RaiseEventAsync(feature.AppId, id, name, input));
    }

    public Task TerminateAsync(string id) =>
        CallAsync("ERR_TERMINATE_WORKFLOW", id, engine => engine.TerminateAsync(feature.AppId, id, null, recurse: true, wait: false, default));

    public Task PauseAsync(string id) =>
        CallAsync("ERR_PAUSE_WORKFLOW", id, engine => engine.SuspendAsync(feature.AppId, id, null, wait: false, default));

    public Task ResumeAsync(string id) =>
        CallAsync("ERR_RESUME_WORKFLOW", id, engine => engine.ResumeAsync(feature.AppId, id, null, wait: false, default));

    public Task PurgeAsync(string id) =>
        CallAsync("ERR_PURGE_WORKFLOW", id, engine => engine.PurgeAsync(feature.AppId, id, recursive: true, force: false));

    public static ApiException NotFound(string id) =>
        new(404, StatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND", $"unable to find workflow with the provided instance ID: {id}");

    /// <summary>RUNNING, COMPLETED, ...; newer statuses are UNKNOWN to this API.</summary>
    public static string StatusText(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.ContinuedAsNew => "CONTINUED_AS_NEW",
        OrchestrationStatus.Stalled => "UNKNOWN",
        _ => status.ToString().ToUpperInvariant(),
    };

    public static IEnumerable<KeyValuePair<string, string>> Properties(WorkflowState state)
    {
        (string Name, string? Value)[] all =
        [
            ("input", state.Input),
            ("output", state.Output),
            ("custom_status", state.CustomStatus),
            ("failure.error_type", state.FailureDetails?.ErrorType),
            ("failure.error_message", state.FailureDetails?.ErrorMessage),
            ("failure.stack_trace", state.FailureDetails?.StackTrace),
        ];
        return all.Where(p => p.Value is not null).Select(p => KeyValuePair.Create("dapr.workflow." + p.Name, p.Value!));
    }

    private static ApiException Bad(string code, string message) => new(400, StatusCode.InvalidArgument, code, message);

    private static void Check(string id)
    {
        if (id.Length == 0)
            throw Bad("ERR_INSTANCE_ID_PROVIDED_MISSING", "no instance ID was provided");
    }

    private WorkflowEngine Engine(string code) => feature.Engine
        ?? throw new ApiException(500, StatusCode.Internal, code, "workflows need a state store whose metadata says actorStateStore: \"true\", in the scope of this app");

    private async Task CallAsync(string code, string id, Func<WorkflowEngine, Task> call)
    {
        Check(id);
        try
        {
            await call(Engine(code));
        }
        catch (WorkflowException failure)
        {
            throw failure.Failure == WorkflowFailure.NotFound ? NotFound(id) : new ApiException(500, StatusCode.Internal, code, failure.Message);
        }
    }
}
