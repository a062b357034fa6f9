using System.CommandLine;
using System.Globalization;
using Google.Protobuf;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Cli;

/// <summary><c>dapr workflow</c>: the workflow instances of an app that runs here, with the arguments of the Dapr CLI 1.18.</summary>
internal static class WorkflowCommands
{
    private const uint PageSize = 500;

    private static readonly Option<string?> App = new("--app-id", "-a") { Description = "the app whose workflows they are; not needed when it is the only one", Recursive = true };
    private static readonly Option<string?> Input = new("--input", "-x") { Description = "JSON" };
    private static readonly Option<string?> Reason = new("--reason", "-r") { Description = "said in the history" };
    private static readonly Option<string> Output = new("--output", "-o") { Description = "short, wide or json", DefaultValueFactory = _ => "short" };
    private static readonly Argument<string> Id = new("instance-id");
    private static readonly string[] Statuses = [.. System.Enum.GetValues<OrchestrationStatus>().Select(Text)];

    public static Command Create()
    {
        Output.AcceptOnlyFromAmong("short", "wide", "json");
        return new Command("workflow", "Manages workflow instances of an app that runs here.")
        {
            App, HouseCommands.DataDir, Run(), List(), History(), RaiseEvent(), Suspend(), Resume(), Terminate(), Rerun(), Purge(),
        };
    }

    private static Command Run()
    {
        var name = new Argument<string>("name") { Description = "of the workflow" };
        var id = new Option<string?>("--instance-id", "-i") { Description = "a new one when absent" };
        var start = new Option<string?>("--start-time", "-s") { Description = "when to start it: a time, or a duration from now" };
        return Make("run", "Starts an instance.", [name, id, Input, start], async (grpc, parsed, call) =>
        {
            var request = new CreateInstanceRequest { Name = parsed.GetValue(name), InstanceId = parsed.GetValue(id) ?? Guid.NewGuid().ToString("n"), Input = parsed.GetValue(Input) };
            if (parsed.GetValue(start) is { } at)
                request.ScheduledStartTimestamp = Timestamp.FromDateTime(Moment(at, sign: 1));
            var started = await grpc.UnaryAsync(TaskHubMethods.StartInstance, request, call);
            return $"Workflow instance started successfully: {started.InstanceId}";
        });
    }

    private static Command List()
    {
        var name = new Option<string?>("--filter-name", "-w") { Description = "only workflows of this name" };
        var status = new Option<string?>("--filter-status", "-s") { Description = "only of this status: " + string.Join(", ", Statuses) }.AcceptOnlyFromAmong(Statuses);
        var age = new Option<string?>("--filter-max-age", "-m") { Description = "only started within a duration (90m) or since a time" };
        return Make("list", "Lists the instances.", [name, status, age, Output], async (grpc, parsed, call) =>
        {
            DateTime? since = parsed.GetValue(age) is { } text ? Moment(text, sign: -1) : null;
            List<WorkflowState> states = [];
            await foreach (var state in StatesAsync(grpc, call))
            {
                if ((parsed.GetValue(name) ?? state.Name) == state.Name && (parsed.GetValue(status) ?? Text(state.WorkflowStatus)) == Text(state.WorkflowStatus)
                    && (since is null || state.CreatedTimestamp.ToDateTime() >= since))
                    states.Add(state);
            }
            states.Sort((a, b) => a.CreatedTimestamp.CompareTo(b.CreatedTimestamp));
            if (parsed.GetValue(Output) == "json")
                return Json(states);
            var isWide = parsed.GetValue(Output) == "wide";
            return Table.Render(
                ["INSTANCE ID", "NAME", "STATUS", "CREATED", "LAST UPDATE", .. isWide ? ["CUSTOM STATUS", "FAILURE"] : Array.Empty<string>()],
                states.Select(s => (string[])[s.InstanceId, s.Name, Text(s.WorkflowStatus), Text(s.CreatedTimestamp), Text(s.LastUpdatedTimestamp), .. isWide ? [s.CustomStatus ?? "-", s.FailureDetails?.ErrorMessage ?? "-"] : Array.Empty<string>()]));
        });
    }

    private static Command History() => Make("history", "Shows what happened in an instance.", [Id, Output], async (grpc, parsed, call) =>
    {
        var history = await grpc.UnaryAsync(TaskHubMethods.GetInstanceHistory, new GetInstanceHistoryRequest { InstanceId = parsed.GetValue(Id) }, call);
        return parsed.GetValue(Output) == "json"
            ? Json(history.Events)
            : Table.Render(["TIME", "EVENT", "ID", "DETAILS"], history.Events.Select(e => (string[])[Text(e.Timestamp), e.EventTypeCase.ToString(), e.EventId.ToString(CultureInfo.InvariantCulture), Details(e, parsed.GetValue(Output) == "wide")]));
    });

    private static Command RaiseEvent()
    {
        var target = new Argument<string>("instance-id/event");
        return Make("raise-event", "Raises an event for an instance: INSTANCE-ID/EVENT.", [target, Input], async (grpc, parsed, call) =>
        {
            if (parsed.GetValue(target)!.Split('/', 2) is not [{ Length: > 0 } id, { Length: > 0 } name])
                throw new IOException("Name the instance and the event: INSTANCE-ID/EVENT.");
            await grpc.UnaryAsync(TaskHubMethods.RaiseEvent, new RaiseEventRequest { InstanceId = id, Name = name, Input = parsed.GetValue(Input) }, call);
            return $"Workflow '{id}' raised event '{name}' successfully";
        });
    }

    private static Command Suspend() => Make("suspend", "Suspends an instance.", [Id, Reason], async (grpc, parsed, call) =>
    {
        await grpc.UnaryAsync(TaskHubMethods.SuspendInstance, new SuspendRequest { InstanceId = parsed.GetValue(Id), Reason = parsed.GetValue(Reason) }, call);
        return $"Workflow '{parsed.GetValue(Id)}' suspended successfully";
    });

    private static Command Resume() => Make("resume", "Resumes a suspended instance.", [Id, Reason], async (grpc, parsed, call) =>
    {
        await grpc.UnaryAsync(TaskHubMethods.ResumeInstance, new ResumeRequest { InstanceId = parsed.GetValue(Id), Reason = parsed.GetValue(Reason) }, call);
        return $"Workflow '{parsed.GetValue(Id)}' resumed successfully";
    });

    private static Command Terminate()
    {
        var output = new Option<string?>("--output", "-o") { Description = "the output it gets, as JSON" };
        return Make("terminate", "Ends an instance and its children.", [Id, output], async (grpc, parsed, call) =>
        {
            await grpc.UnaryAsync(TaskHubMethods.TerminateInstance, new TerminateRequest { InstanceId = parsed.GetValue(Id), Output = parsed.GetValue(output), Recursive = true }, call);
            return $"Workflow '{parsed.GetValue(Id)}' terminated successfully";
        });
    }

    private static Command Rerun()
    {
        var from = new Option<uint>("--event-id", "-e") { Description = "the event to start again from; 0 = the beginning" };
        var id = new Option<string?>("--new-instance-id") { Description = "a new one when absent" };
        return Make("rerun", "Runs an instance again, under a new id.", [Id, from, id, Input], async (grpc, parsed, call) =>
        {
            var request = new RerunWorkflowFromEventRequest { SourceInstanceID = parsed.GetValue(Id), EventID = parsed.GetValue(from), Input = parsed.GetValue(Input), OverwriteInput = parsed.GetValue(Input) is not null };
            if (parsed.GetValue(id) is { } chosen)
                request.NewInstanceID = chosen;
            var rerun = await grpc.UnaryAsync(TaskHubMethods.RerunWorkflowFromEvent, request, call);
            return $"Rerunning workflow instance: {rerun.NewInstanceID}";
        });
    }

    private static Command Purge()
    {
        var ids = new Argument<string[]>("instance-ids") { Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "all that have ended" };
        var older = new Option<string?>("--all-older-than") { Description = "all that have ended and were created before a time, or longer ago than a duration (24h)" };
        var status = new Option<string?>("--all-filter-status") { Description = "with --all-older-than: only of this status" }.AcceptOnlyFromAmong(Statuses);
        var force = new Option<bool>("--force") { Description = "also one that has not ended" };
        return Make("purge", "Deletes instances that have ended, with their history.", [ids, all, older, status, force], async (grpc, parsed, call) =>
        {
            var named = parsed.GetValue(ids) ?? [];
            var before = parsed.GetValue(older);
            if ((named.Length > 0 ? 1 : 0) + (parsed.GetValue(all) ? 1 : 0) + (before is null ? 0 : 1) != 1)
                throw new IOException("Name instances, or give --all, or --all-older-than.");
            if (parsed.GetValue(status) is not null && before is null)
                throw new IOException("--all-filter-status goes with --all-older-than.");
            if (named.Length == 0)
                named = await ChooseAsync(grpc, before is null ? DateTime.MaxValue : Moment(before, sign: -1), parsed.GetValue(status), call);
            foreach (var id in named)
                await grpc.UnaryAsync(TaskHubMethods.PurgeInstances, new PurgeInstancesRequest { InstanceId = id, Recursive = true, Force = parsed.GetValue(force) }, call);
            return $"Purged {named.Length} workflow instance{(named.Length == 1 ? "" : "s")}";
        });
    }

    private static async Task<string[]> ChooseAsync(GrpcChannel grpc, DateTime before, string? status, CallOptions call)
    {
        List<string> chosen = [];
        await foreach (var state in StatesAsync(grpc, call))
        {
            if (state.WorkflowStatus is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled
                && state.CreatedTimestamp.ToDateTime() < before && (status ?? Text(state.WorkflowStatus)) == Text(state.WorkflowStatus))
                chosen.Add(state.InstanceId);
        }
        return [.. chosen];
    }

    private static async IAsyncEnumerable<WorkflowState> StatesAsync(GrpcChannel grpc, CallOptions call)
    {
        var request = new ListInstanceIDsRequest { PageSize = PageSize };
        do
        {
            var page = await grpc.UnaryAsync(TaskHubMethods.ListInstanceIDs, request, call);
            foreach (var id in page.InstanceIds)
            {
                var instance = await grpc.UnaryAsync(TaskHubMethods.GetInstance, new GetInstanceRequest { InstanceId = id, GetInputsAndOutputs = true }, call);
                if (instance.Exists)
                    yield return instance.WorkflowState;
            }
            if (page.HasContinuationToken)
                request.ContinuationToken = page.ContinuationToken;
            else
                request.ClearContinuationToken();
        }
        while (request.HasContinuationToken);
    }

    private static Command Make(string name, string description, Symbol[] symbols, Func<GrpcChannel, ParseResult, CallOptions, Task<string>> action)
    {
        var command = new Command(name, description);
        foreach (var argument in symbols.OfType<Argument>())
            command.Arguments.Add(argument);
        foreach (var option in symbols.OfType<Option>())
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var sidecar = await RunningSidecar.FindAsync(parsed.GetValue(HouseCommands.DataDir)!, parsed.GetValue(App), cancellation);
            try
            {
                await Console.Out.WriteLineAsync(await action(sidecar.Grpc, parsed, new CallOptions { CancellationToken = cancellation }));
                return 0;
            }
            catch (RpcException failure)
            {
                throw new IOException(failure.Detail, failure);
            }
        });
        return command;
    }

    /// <summary>A point in time, or a Go duration before (<paramref name="sign"/> -1) or after (1) now; a bare number is neither.</summary>
    private static DateTime Moment(string text, int sign)
    {
        if (text is [.., not (>= '0' and <= '9')] && Quantity.TryParseDuration(text, out var duration))
            return DateTime.UtcNow + sign * duration;
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new IOException($"`{text}` is neither a duration (300ms, 90m, 24h) nor a time (2026-01-31T15:04:05Z).");
    }

    private static string Details(HistoryEvent happened, bool all)
    {
        const int longest = 80;
        var message = (IMessage?)typeof(HistoryEvent).GetProperty(happened.EventTypeCase.ToString())?.GetValue(happened);
        var json = message is null ? "" : JsonFormatter.Default.Format(message);
        return all || json.Length <= longest ? json : json[..longest] + "...";
    }

    private static string Json(IEnumerable<IMessage> messages) => $"[{string.Join(",\n ", messages.Select(m => JsonFormatter.Default.Format(m)))}]";

    private static string Text(OrchestrationStatus status) => status is OrchestrationStatus.ContinuedAsNew ? "CONTINUED_AS_NEW" : status.ToString().ToUpperInvariant();

    private static string Text(Timestamp? time) => time?.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "-";
}
