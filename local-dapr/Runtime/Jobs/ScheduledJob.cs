using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Runtime.Bindings;

namespace LocalDapr.Runtime.Jobs;

/// <summary>A job and how far it has come.</summary>
/// <param name="Version">Rises with each change, so that what was under way for an earlier form is not counted.</param>
internal sealed record ScheduledJob(string App, Job Job, long Version, DateTimeOffset Due, DateTimeOffset? Expires, uint Done)
{
    /// <exception cref="FormatException">A time or the schedule cannot be read.</exception>
    public static ScheduledJob Create(string app, Job job, long version, DateTimeOffset now)
    {
        var schedule = job.HasSchedule ? CronSchedule.Parse(job.Schedule) : null;
        var due = job.HasDueTime && job.DueTime.Length > 0
            ? JobTimes.Parse(job.DueTime, now)
            : schedule!.Next(now, TimeZoneInfo.Local) ?? throw new FormatException($"`{job.Schedule}` never comes");
        var expires = job.HasTtl && job.Ttl.Length > 0 ? JobTimes.Parse(job.Ttl, now) : (DateTimeOffset?)null;
        if (job.FailurePolicy is not { PolicyCase: not JobFailurePolicy.PolicyOneofCase.None })
            job.FailurePolicy = new() { Constant = new() { Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)), MaxRetries = 3 } };
        return new(app, job, version, due, expires, 0);
    }

    /// <summary>The job after it ran; null when it is over. Times that passed meanwhile are not made up for.</summary>
    public ScheduledJob? Next(DateTimeOffset now)
    {
        if (!Job.HasSchedule || Job.Schedule.Length == 0 || (Job.HasRepeats && Done + 1 >= Job.Repeats))
            return null;
        var schedule = CronSchedule.Parse(Job.Schedule);
        var next = schedule.Next(Due, TimeZoneInfo.Local);
        if (next < now)
            next = schedule.Next(now, TimeZoneInfo.Local);
        return next is null || next > Expires ? null : this with { Due = next.Value, Done = Done + 1, Version = Version + 1 };
    }

    /// <summary>How long to wait before the next try after <paramref name="failures"/> in a row; null is no more.</summary>
    public TimeSpan? RetryAfter(int failures) => Job.FailurePolicy.Constant is not { } constant || (constant.HasMaxRetries && failures > constant.MaxRetries)
        ? null
        : constant.Interval?.ToTimeSpan() ?? TimeSpan.Zero;
}
