using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Sqlite;

internal abstract class PendingWrite
{
    /// <returns>false if the work threw: its changes must be undone.</returns>
    public abstract ValueTask<bool> TryRunAsync(SqlSession session);
    public abstract void Complete();
    public abstract void Fail(Exception failure);
}

internal sealed class PendingWrite<T>(Func<SqlSession, ValueTask<T>> work) : PendingWrite
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _failure;

    public Task<T> Completion => _completion.Task;

    public override async ValueTask<bool> TryRunAsync(SqlSession session)
    {
        try
        {
            _result = await work(session).ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // whatever it is belongs to the caller of this write, not to its neighbours in the group
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failure = failure;
            return false;
        }
    }

    public override void Complete()
    {
        if (_failure is null)
            _completion.SetResult(_result);
        else
            _completion.SetException(_failure);
    }

    public override void Fail(Exception failure) => _completion.SetException(_failure ?? failure);
}
