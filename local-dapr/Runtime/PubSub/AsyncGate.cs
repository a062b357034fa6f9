namespace LocalDapr.Runtime.PubSub;

/// <summary>Lets one caller in at a time, in order of arrival.</summary>
internal sealed class AsyncGate
{
    private Task last = Task.CompletedTask;

    public async Task<Place> EnterAsync()
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Interlocked.Exchange(ref last, mine.Task);
        return new Place(mine);
    }

    public readonly struct Place(TaskCompletionSource done) : IDisposable
    {
        public void Dispose() => done.TrySetResult();
    }
}
