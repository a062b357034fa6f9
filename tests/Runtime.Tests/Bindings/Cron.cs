using LocalDapr.Runtime.Bindings;

namespace LocalDapr.Runtime.Tests.Bindings;

public sealed class Cron : IDisposable
{
    private static readonly DateTimeOffset Saturday = new(2026, 11, 21, 23, 59, 30, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("* * * * *", "2026-11-22T00:00:00Z")]
    [InlineData("*/20 * * * * *", "2026-11-21T23:59:40Z")]
    [InlineData("30 59 23 * * *", "2026-11-22T23:59:30Z")]
    [InlineData("0 9 * * MON-FRI", "2026-11-23T09:00:00Z")]
    [InlineData("0 0 29 2 *", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 1 * SUN", "2026-11-22T00:00:00Z")]
    [InlineData("0 0 * * 7", "2026-11-22T00:00:00Z")]
    [InlineData("15,45 3-5/2 * JAN ?", "2027-01-01T03:15:00Z")]
    [InlineData("@hourly", "2026-11-22T00:00:00Z")]
    [InlineData("@every 1m30s", "2026-11-22T00:01:00Z")]
    public void The_next_time_of_a_schedule(string schedule, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture), CronSchedule.Parse(schedule).Next(Saturday, TimeZoneInfo.Utc));

    [Theory]
    [InlineData("not a schedule")]
    [InlineData("60 * * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("@every soon")]
    [InlineData("@every 0s")]
    public void What_is_no_schedule_is_refused(string schedule) => Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule));

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() => Assert.Null(CronSchedule.Parse("0 0 31 2 *").Next(Saturday, TimeZoneInfo.Utc));

    [Fact]
    public async Task An_app_that_answers_the_probe_gets_the_ticks_and_one_that_does_not_gets_none()
    {
        await using var app = await TestApp.StartAsync(call => call.Path == "/unwanted" ? 404 : 200);
        await using var sidecar = await TestSidecar.StartAsync(folder, [
            Yaml.Component("wanted", "bindings.cron", ("schedule", "@every 50ms"), ("route", "/tick")),
            Yaml.Component("unwanted", "bindings.cron", ("schedule", "@every 50ms")),
        ], configure: o => o with { AppPort = app.Port });

        await Eventually.TrueAsync(() => Task.FromResult(app.Calls.Count(c => c.Method == "POST") >= 3));

        Assert.Contains(app.Calls, c => c is { Method: "OPTIONS", Path: "/unwanted" });
        Assert.All(app.Calls.Where(c => c.Method == "POST"), tick =>
        {
            Assert.Equal("/tick", tick.Path);
            Assert.NotEmpty(tick.Headers["readTimeUTC"]);
            Assert.NotEmpty(tick.Headers["timeZone"]);
        });
    }
}
