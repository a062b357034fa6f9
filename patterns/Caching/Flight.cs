namespace Quayside.Caching;

/// <summary>One load for all who ask for a key meanwhile.</summary>
internal abstract class Flight(string[] tags)
{
    public string[] Tags => tags;
}

internal sealed class Flight<T>(string[] tags) : Flight(tags)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public void Succeed(T value) => _answer.TrySetResult(value);

    public void Fail(Exception failure)
    {
        _answer.TrySetException(failure);
        // all who waited may have given up
        _ = _answer.Task.Exception;
    }
}
