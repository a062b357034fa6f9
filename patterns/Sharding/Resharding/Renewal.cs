namespace Quayside.Sharding.Resharding;

/// <summary>Keeps the lease of a mover, as often as it says that it is alive.</summary>
internal sealed class Renewal(ShardDirectory directory, long lease, TimeSpan duration, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    /// <exception cref="MoverReplacedException">Another mover has taken over.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_last) < duration / 4)
            return;
        var now = time.GetTimestamp();
        await directory.RenewAsync(lease, duration, cancellationToken);
        _last = now;
    }
}
