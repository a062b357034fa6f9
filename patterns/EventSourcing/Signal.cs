namespace Quayside.EventSourcing;

/// <summary>Wakes everybody who waits for the next time something happens. Raising it with nobody waiting costs next to nothing.</summary>
public sealed class Signal
{
    private TaskCompletionSource? _next;

    /// <summary>Take it before looking at the state that it guards; then nothing that happens in between is missed.</summary>
    public Task Next
    {
        get
        {
            while (true)
            {
                if (Volatile.Read(ref _next) is { } current)
                    return current.Task;
                var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Interlocked.CompareExchange(ref _next, created, null) is null)
                    return created.Task;
            }
        }
    }

    public void Raise() => Interlocked.Exchange(ref _next, null)?.TrySetResult();
}
