using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Services.Tests.Gateway;

/// <summary>Event streams are exempt from retries, times and breaker; nothing else is.</summary>
public sealed class StreamTests
{
    private const string Stream = "/api/orders/7/stream";

    [Fact]
    public async Task A_stream_outlives_the_time_of_its_route_and_another_answer_does_not()
    {
        var time = new ManualTime();
        await using var gateway = await GatewayUnderTest.StartAsync(time);
        var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Sidecar.Script = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await more.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("second");
        };
        using var stream = await gateway.User.GetAsync(Stream, HttpCompletionOption.ResponseHeadersRead);
        using var other = await gateway.User.GetAsync("/api/orders/7", HttpCompletionOption.ResponseHeadersRead);
        var body = await stream.Content.ReadAsStreamAsync();
        var first = new byte[5];
        await body.ReadExactlyAsync(first);
        Assert.Equal("first", Encoding.ASCII.GetString(first));

        time.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAnyAsync<Exception>(() => other.Content.ReadAsStringAsync());
        more.SetResult();
        using var rest = new StreamReader(body);
        Assert.Equal("second", await rest.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_stream_at_the_service()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Sidecar.Script = async (context, _) =>
        {
            context.RequestAborted.Register(left.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(":\n\n");
            await context.Response.Body.FlushAsync();
            await left.Task;
        };
        var stream = await gateway.User.GetAsync(Stream, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        stream.Dispose();
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stream_is_asked_for_once_and_neither_hears_the_breaker_nor_is_heard_by_it()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(503);
        for (var i = 0; i < 20; i++)
            await GatewayUnderTest.ProblemAsync(await gateway.User.GetAsync(Stream), HttpStatusCode.ServiceUnavailable);
        Assert.Equal(20, gateway.Sidecar.Calls.Count);
        gateway.Sidecar.Script = FakeSidecar.Status(200);
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);

        gateway.Sidecar.Script = FakeSidecar.Status(500);
        var asked = 0;
        while ((await gateway.User.GetAsync("/api/orders")).StatusCode is not HttpStatusCode.ServiceUnavailable)
            Assert.True(++asked < 20, "the breaker does not open");
        gateway.Sidecar.Script = FakeSidecar.Status(200);
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync(Stream)).StatusCode);
    }

    [Fact]
    public async Task A_stream_that_does_not_begin_is_504()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Routes:6:Timeout=0.3");
        gateway.Sidecar.Script = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await GatewayUnderTest.ProblemAsync(await gateway.User.GetAsync(Stream), HttpStatusCode.GatewayTimeout);
    }
}
