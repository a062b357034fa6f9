using System.Globalization;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Bindings;

/// <summary>bindings.cron (Dapr 1.18): an event without body at each time of <c>schedule</c>, with metadata readTimeUTC and timeZone.</summary>
internal sealed class CronBinding(Component component)
{
    private readonly CronSchedule schedule = Parse(component);

    public async Task RunAsync(Func<IReadOnlyDictionary<string, string>, Task> deliver, TimeProvider time, CancellationToken cancellation)
    {
        var zone = TimeZoneInfo.Local;
        var next = time.GetUtcNow();
        while (schedule.Next(next, zone) is { } due)
        {
            var now = time.GetUtcNow();
            if (due > now)
                await Task.Delay(due - now, time, cancellation);
            // Ticks that were missed in a long pause are not made up for.
            next = due < now ? now : due;
            // A slow app does not hold up the next tick.
            _ = deliver(new Dictionary<string, string>
            {
                ["timeZone"] = zone.Id,
                ["readTimeUTC"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fffffff '+0000 UTC'", CultureInfo.InvariantCulture),
            });
        }
    }

    private static CronSchedule Parse(Component component)
    {
        if (component["schedule"] is not { Length: > 0 } text)
            throw component.Spec.Error("metadata `schedule` is missing", "Write for example `@every 5s`.");
        try
        {
            return CronSchedule.Parse(text);
        }
        catch (FormatException failure)
        {
            throw component.Spec.Error(failure.Message, "Correct `schedule`.");
        }
    }
}
