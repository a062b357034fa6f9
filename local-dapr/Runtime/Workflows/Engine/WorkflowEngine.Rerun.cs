using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

internal sealed partial class WorkflowEngine
{
    /// <summary>Makes a new instance whose history is that of another up to an event, which runs again. The new id must never have been used.</summary>
    public async Task RerunAsync(string app, string source, int eventId, string newId, string? input, bool overwriteInput)
    {
        var events = GetHistory(app, source) ?? throw new WorkflowException(WorkflowFailure.NotFound, $"workflow instance does not exist with ID '{source}'");
        var change = new Change();
        lock (gate)
        {
            var now = Now();
            var rerun = Rerun.From(source, events, eventId, input, overwriteInput, now);
            if (instances.Find(app, newId) is not null)
                throw new WorkflowException(WorkflowFailure.AlreadyExists, $"workflow '{newId}' has already been created");
            var instance = new Instance(++lastKey, app, newId) { Status = OrchestrationStatus.Running };
            instances.Add(instance);
            change.Touch(instance).Write(w => w.InsertInstance(instance));
            var chunk = History.Encode(rerun.History);
            var number = instance.NextChunk++;
            instance.History.Append(chunk, rerun.History);
            change.Write(w => w.AddHistory(instance.Key, number, chunk));
            foreach (var e in rerun.Again)
                RunAgain(instance, e, now, change);
            instance.Status = instance.History.IsSuspended ? OrchestrationStatus.Suspended : OrchestrationStatus.Running;
            WriteRow(instance, change);
            change.Then(() => Signals.Raise(app, newId));
            Commit(change);
        }
        await change.Done;
    }

    private void RunAgain(Instance instance, HistoryEvent e, DateTimeOffset now, Change change)
    {
        var app = e.Router?.HasTargetAppID == true ? e.Router.TargetAppID : instance.App;
        if (e.TaskScheduled is { } task)
        {
            Schedule(instance, new(app, new ActivityRequest
            {
                Name = task.Name,
                Version = task.Version,
                Input = task.Input,
                WorkflowInstance = new() { InstanceId = instance.Id },
                TaskId = e.EventId,
                TaskExecutionId = task.TaskExecutionId,
                ParentTraceContext = task.ParentTraceContext,
            }, e.Router ?? Events.Router(instance.App)), change);
        }
        else if (e.TimerCreated is not null)
        {
            AddTimer(instance, e, change);
        }
        else if (e.ChildWorkflowInstanceCreated is { } child)
        {
            var run = instance.History.Started!.ExecutionStarted;
            var started = Events.New(now);
            started.Router = Events.Router(app);
            started.ExecutionStarted = new()
            {
                Name = child.Name,
                Version = child.Version,
                Input = child.Input,
                WorkflowInstance = new() { InstanceId = child.InstanceId, ExecutionId = NewExecutionId() },
                ParentInstance = new()
                {
                    TaskScheduledId = e.EventId,
                    Name = run.Name,
                    WorkflowInstance = new() { InstanceId = instance.Id, ExecutionId = run.WorkflowInstance?.ExecutionId },
                    AppID = instance.App,
                },
                ParentTraceContext = child.ParentTraceContext,
            };
            StartChild(instance, new(app, child.InstanceId, e.EventId, started), now, change);
        }
    }
}
