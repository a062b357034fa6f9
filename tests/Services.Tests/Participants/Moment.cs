namespace Quayside.Services.Tests.Participants;

/// <summary>Halts the first call that passes here until the test lets it go on.</summary>
internal sealed class Moment
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public Task PassAsync() => reached.TrySetResult() ? released.Task.WaitAsync(TimeSpan.FromSeconds(20)) : Task.CompletedTask;

    public void GoOn() => released.TrySetResult();
}
