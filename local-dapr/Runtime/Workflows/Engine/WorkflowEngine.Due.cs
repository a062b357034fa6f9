namespace LocalDapr.Runtime.Workflows.Engine;

internal sealed partial class WorkflowEngine
{
    private void OnDue()
    {
        try
        {
            lock (gate)
            {
                if (disposed)
                    return;
                while (due.TryTake(time.GetUtcNow(), out var one))
                    Do(one);
                due.Arm();
            }
        }
        catch (Exception failure)
        {
            Log.DueFailed(log, failure);
        }
    }

    private void Do(Due one)
    {
        if (instances.Find(one.Key) is not { } instance)
            return;
        switch (one.Kind)
        {
            case DueKind.Timer:
                Fire(instance, one);
                break;
            case DueKind.Start or DueKind.Wake:
                Ready(instance);
                break;
            case DueKind.Expire when instance.IsFinished && instance.Expires <= time.GetUtcNow():
                var change = new Change();
                Delete(instance, change);
                _ = Commit(change);
                break;
        }
    }

    /// <summary>Its row goes with the turn that takes the event: a crash before that fires it again.</summary>
    private void Fire(Instance instance, Due one)
    {
        if (instance.IsFinished || instance.Generation != one.Generation || instance.Timers.Find(t => t.Id == one.TimerId) is not { } timer)
            return;
        if (timer.Due > time.GetUtcNow())
        {
            due.Add(one, timer.Due);
            return;
        }
        instance.Timers.Remove(timer);
        instance.Inbox.Add(new(instance.NextSeq++, Events.TimerFired(Now(), timer.Event.TimerCreated.FireAt, timer.Id)));
        Ready(instance);
    }
}
