using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace LocalDapr.Runtime.Tests.Jobs;

public sealed class JobTests
{
    [Fact]
    public async Task A_job_that_was_acknowledged_before_kill_9_and_was_due_meanwhile_is_delivered_after_the_restart()
    {
        using var folder = new TempFolder();
        await using var app = await TestApp.StartAsync();
        string[] toApp = ["--app-port", app.Port.ToString(CultureInfo.InvariantCulture)];
        var due = DateTimeOffset.UtcNow.AddSeconds(3);
        using (var doomed = await SidecarProcess.StartAsync(folder, toApp))
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{doomed.HttpPort}/") };
            due = DateTimeOffset.UtcNow.AddSeconds(2);
            using var answer = await http.PostAsJsonAsync("v1.0/jobs/later", new { dueTime = due.ToString("O", CultureInfo.InvariantCulture), data = new { n = 7 } });
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            doomed.Kill();
        }
        await Eventually.TrueAsync(() => Task.FromResult(DateTimeOffset.UtcNow > due));
        Assert.DoesNotContain(app.Calls, c => c.Path == "/job/later");

        using var restarted = await SidecarProcess.StartAsync(folder, toApp);
        await Eventually.TrueAsync(() => Task.FromResult(app.Calls.Any(c => c.Path == "/job/later")));
        Assert.Equal("""{"n":7}""", app.Calls.First(c => c.Path == "/job/later").Body.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_is_overwritten_before_it_is_due_runs_only_in_its_new_form()
    {
        using var folder = new TempFolder();
        await using var app = await TestApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port });
        await PostAsync(sidecar, "o", new { dueTime = "400ms", data = "old" });
        await PostAsync(sidecar, "o", new { dueTime = "600ms", data = "new", overwrite = true });
        await PostAsync(sidecar, "fence", new { dueTime = "900ms" });
        await Eventually.TrueAsync(() => Task.FromResult(app.Calls.Any(c => c.Path == "/job/fence")));
        Assert.Equal(["\"new\""], app.Calls.Where(c => c.Path == "/job/o").Select(c => c.Body));
    }

    [Theory]
    [InlineData("""{"dueTime":"P10675199D"}""", HttpStatusCode.InternalServerError, "DAPR_SCHEDULER_SCHEDULE_JOB")]
    [InlineData("""{"dueTime":"99999999999h"}""", HttpStatusCode.InternalServerError, "DAPR_SCHEDULER_SCHEDULE_JOB")]
    [InlineData("""{"schedule":"@every 9223372036854775807"}""", HttpStatusCode.InternalServerError, "DAPR_SCHEDULER_SCHEDULE_JOB")]
    [InlineData("""{"dueTime":"1h","dueTime":"2h"}""", HttpStatusCode.BadRequest, "ERR_MALFORMED_REQUEST")]
    public async Task A_job_that_cannot_be_read_is_refused_with_its_own_error(string job, HttpStatusCode status, string errorCode)
    {
        using var folder = new TempFolder();
        await using var sidecar = await TestSidecar.StartAsync(folder, []);
        using var body = new StringContent(job);
        using var answer = await sidecar.Http.PostAsync("v1.0/jobs/j", body);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains($"\"{errorCode}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task PostAsync(TestSidecar sidecar, string name, object job)
    {
        using var answer = await sidecar.Http.PostAsJsonAsync($"v1.0/jobs/{name}", job);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}
