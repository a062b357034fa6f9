namespace Quayside.Services.Tests.ServiceDefaults;

/// <summary>A clock that stands still until it is moved; timers fire when it passes them.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = DateTimeOffset.UtcNow;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Moves to the next timer; false when there is none.</summary>
    public bool AdvanceToNext()
    {
        TimeSpan wait;
        lock (gate)
        {
            if (timers.Count == 0) return false;
            wait = timers.Min(timer => timer.Due) - now;
        }

        Advance(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        return true;
    }

    public void Advance(TimeSpan by)
    {
        List<Timer> due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(t => t.Due <= now)];
            foreach (var timer in due) timer.Again();
        }

        foreach (var timer in due) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(ManualTime time, Action callback) : ITimer
    {
        private TimeSpan period;

        public DateTimeOffset Due { get; private set; }

        /// <summary>A periodic timer that is moved over several of its ticks fires once.</summary>
        public void Again()
        {
            if (period <= TimeSpan.Zero) time.timers.Remove(this);
            else Due = time.now + period;
        }

        public void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (time.gate)
            {
                period = newPeriod;
                time.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = time.now + dueTime;
                time.timers.Add(this);
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
