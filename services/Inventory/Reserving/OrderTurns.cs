namespace Quayside.Inventory.Reserving;

/// <summary>Repeats of one command for one order wait for each other; different orders share a lock only by chance.</summary>
internal sealed class OrderTurns
{
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    public async Task<IDisposable> EnterAsync(string orderId, CancellationToken cancellationToken)
    {
        var turn = turns[(uint)orderId.GetHashCode(StringComparison.Ordinal) % (uint)turns.Length];
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
