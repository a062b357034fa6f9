namespace Quayside.Caching;

/// <summary>Leaves the second level alone for 5 s after three failures in a row; then one call tries, and only its success lets all others in again.</summary>
internal sealed class Breaker(TimeProvider time)
{
    private const int MostFailures = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private int _failures;
    private long _retryAt;

    public bool LetsThrough()
    {
        if (Volatile.Read(ref _failures) < MostFailures)
            return true;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_failures < MostFailures)
                return true;
            if (now < _retryAt)
                return false;
            _retryAt = After(now);
            return true;
        }
    }

    public void Succeeded() => Volatile.Write(ref _failures, 0);

    /// <returns>Whether this was the failure that opened it.</returns>
    public bool Failed()
    {
        lock (_gate)
        {
            _retryAt = After(time.GetTimestamp());
            return ++_failures == MostFailures;
        }
    }

    private long After(long now) => now + (long)(Pause.TotalSeconds * time.TimestampFrequency);
}
