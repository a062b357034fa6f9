using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace LocalDapr.Runtime.Tests.Cli;

/// <summary>A second run on the same data folder: its apps join the runtime of the first.</summary>
public sealed class JoiningTests : IDisposable
{
    private readonly TempFolder folder = new();

    public JoiningTests() => File.WriteAllText(folder.File("pubsub.yaml"), $"{Yaml.Component("pubsub", "pubsub.in-memory")}\n---\n{Yaml.Subscription("news", "/news")}");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Apps_of_both_runs_hear_and_call_each_other()
    {
        await using var first = await TestApp.StartAsync();
        await using var second = await TestApp.StartAsync();
        using var run = await RunProcess.StartAsync(folder, ["--app-id", "first", "--app-port", Port(first), "-d", folder.Path]);
        using var joined = await RunProcess.StartAsync(folder, ["--app-id", "second", "--app-port", Port(second), "-d", folder.Path]);

        Assert.Equal(0, (await RunProcess.DaprAsync(folder, "publish", "-i", "second", "-p", "pubsub", "-t", "news", "-d", """{"number": 7}""")).ExitCode);
        foreach (var app in new[] { first, second })
            await Eventually.TrueAsync(() => app.Calls.Any(call => call.Path == "/news" && JsonDocument.Parse(call.Body).RootElement.GetProperty("data").GetProperty("number").GetInt32() == 7));

        using var http = new HttpClient { DefaultRequestHeaders = { { "dapr-api-token", RunProcess.ApiToken } } };
        var port = (await RunProcess.ListAsync(folder)).Single(row => row[0] == "first")[2];
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/v1.0/invoke/second/method/hello"), null, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Contains(second.Calls, call => call is { Method: "POST", Path: "/hello" });

        Assert.Equal(["first", "second"], await ListedAsync());
        Assert.Equal(0, await joined.StopAsync());
        Assert.Equal(["first"], await ListedAsync());
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task A_joined_run_that_is_killed_leaves_nothing_behind()
    {
        using var run = await RunProcess.StartAsync(folder, "--app-id", "first");
        using var joined = await RunProcess.StartAsync(folder, "--app-id", "second", "--", "sleep", "600");
        using var sleep = await ProcessOfAsync("second");

        await joined.KillAsync();

        await sleep.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => run.Output.Contains("second left", StringComparison.Ordinal));
        Assert.Equal(["first"], await ListedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_joined_run_ends_with_the_runtime(bool isKilled)
    {
        using var run = await RunProcess.StartAsync(folder, "--app-id", "first");
        using var joined = await RunProcess.StartAsync(folder, "--app-id", "second", "--", "sleep", "600");
        using var sleep = await ProcessOfAsync("second");

        if (isKilled)
            await run.KillAsync();
        else
            Assert.Equal(0, await run.StopAsync());

        Assert.Equal(0, await joined.ExitAsync());
        await sleep.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Contains("has ended", joined.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("starting it again", joined.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_an_app_from_joining_is_said_in_one_line()
    {
        await using var app = await TestApp.StartAsync();
        using var run = await RunProcess.StartAsync(folder, "--app-id", "first", "--app-port", Port(app));

        await RefusedAsync("--embedded-faults cannot be chosen any more", "--app-id", "second", "--embedded-faults", "delay");
        await RefusedAsync("is in use", "--app-id", "second", "--dapr-http-port", Port(app));
        await File.WriteAllTextAsync(folder.File("bad.yaml"), Yaml.Component("bad", "state.nowhere"), TestContext.Current.CancellationToken);
        await RefusedAsync("bad.yaml:", "--app-id", "second", "-d", folder.Path);
        Assert.Equal(["first"], await ListedAsync());
    }

    private Task RefusedAsync(string expected, params string[] arguments) => RunProcess.RefusedAsync(folder, expected, ["run", .. arguments]);

    private async Task<IEnumerable<string>> ListedAsync() => (await RunProcess.ListAsync(folder)).Select(row => row[0]);

    private async Task<Process> ProcessOfAsync(string appId)
    {
        return Process.GetProcessById(int.Parse((await RunProcess.ListAsync(folder)).Single(row => row[0] == appId)[^1], CultureInfo.InvariantCulture));
    }

    private static string Port(TestApp app) => app.Port.ToString(CultureInfo.InvariantCulture);
}
