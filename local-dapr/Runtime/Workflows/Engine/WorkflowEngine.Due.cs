namespace LocalDapr.Runtime.Workflows.Engine;

internal sealed partial class WorkflowEngine
{
    // Calls go on between: after a restart a day's timers may be due at once.
    private const int MaxDueAtOnce = 256;

    private void OnDue()
    {
        try
        {
            while (TakeDue())
            {
            }
        }
        catch (Exception failure)
        {
            Log.DueFailed(log, failure);
        }
        finally
        {
            lock (gate)
            {
                if (!disposed)
                    due.Arm();
            }
        }
    }

    /// <summary>True when there may be more.</summary>
    private bool TakeDue()
    {
        lock (gate)
        {
            for (var taken = 0; taken < MaxDueAtOnce; taken++)
            {
                if (disposed || !due.TryTake(time.GetUtcNow(), out var one))
                    return false;
                Do(one);
            }
            return true;
        }
    }

    /// <summary>An instance that is not in memory is read when a worker takes its turn: many may be due, and there may be no worker.</summary>
    private void Do(Due one)
    {
        if (one.Kind == DueKind.Expire)
        {
            Expire(one.Key);
        }
        else if (instances.Peek(one.Key) is { } instance)
        {
            instance.FireDue(Now);
            Ready(instance);
        }
        else
        {
            var hub = Hub(one.App);
            hub.ReadyInstances.Enqueue(one.Key);
            Pump(hub);
        }
    }

    private void Expire(long key)
    {
        if (instances.Find(key) is not { IsFinished: true } instance || !(instance.Expires <= time.GetUtcNow()))
            return;
        var change = new Change();
        Delete(instance, change);
        _ = Commit(change);
    }
}
