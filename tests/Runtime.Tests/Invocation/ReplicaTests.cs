using System.Net;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Invocation;

/// <summary>The same app id twice in one run.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Calls_go_to_each_in_turn_and_past_one_that_is_not_healthy()
    {
        using var folder = new TempFolder();
        await using var runtime = TestSidecar.CreateRuntime(folder, Backends.Embedded);
        var isWell = true;
        await using var one = await TestApp.StartAsync(call => call.Path == "/healthz" && !Volatile.Read(ref isWell) ? 500 : 200);
        await using var two = await TestApp.StartAsync();
        await using var first = await ReplicaAsync(folder, runtime, one);
        await using var second = await ReplicaAsync(folder, runtime, two);
        await using var caller = await TestSidecar.StartAsync(folder, [], configure: options => options with { AppId = "caller" }, runtime: runtime);
        await CallAsync(caller, 10);
        Assert.Equal((5, 5), (Counted(one), Counted(two)));

        Volatile.Write(ref isWell, false);
        await Eventually.TrueAsync(() => Task.FromResult(!first.Sidecar.Context.App.IsHealthy));
        await CallAsync(caller, 10);
        Assert.Equal((5, 15), (Counted(one), Counted(two)));

        Volatile.Write(ref isWell, true);
        await Eventually.TrueAsync(() => Task.FromResult(first.Sidecar.Context.App.IsHealthy));
        await CallAsync(caller, 10);
        Assert.Equal((10, 20), (Counted(one), Counted(two)));
    }

    private static Task<TestSidecar> ReplicaAsync(TempFolder folder, LocalRuntime runtime, TestApp app) => TestSidecar.StartAsync(
        folder, [], runtime: runtime,
        configure: options => options with { AppPort = app.Port, EnableAppHealthCheck = true, AppHealthProbeInterval = TimeSpan.FromMilliseconds(50), AppHealthThreshold = 1 });

    private static async Task CallAsync(TestSidecar caller, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.Equal(HttpStatusCode.OK, (await caller.Http.GetAsync(new Uri("v1.0/invoke/myapp/method/work", UriKind.Relative))).StatusCode);
    }

    private static int Counted(TestApp app) => app.Calls.Count(call => call.Path == "/work");
}
