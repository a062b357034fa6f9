namespace LocalDapr.Runtime.Storage;

/// <summary>
/// Writes that build on each other, for an owner whose memory is ahead of the file: once one of them is refused, so are all that are queued behind it,
/// and the owner begins a new chain from what the file says.
/// </summary>
public sealed class WriteChain
{
    private volatile bool isBroken;

    internal void Break() => isBroken = true;

    internal void ThrowIfBroken()
    {
        if (isBroken)
            throw new InvalidOperationException("a write before this one was refused");
    }
}
