using System.Net;
using Microsoft.AspNetCore.Http;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Services.Tests.Gateway;

public sealed class ResilienceTests
{
    [Theory]
    [InlineData("502")]
    [InlineData("503")]
    [InlineData("504")]
    [InlineData("not delivered")]
    [InlineData("connection lost")]
    public async Task What_may_pass_is_tried_again_with_the_whole_body(string failure)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = (context, call) => gateway.Sidecar.Calls.Count > 2 ? FakeSidecar.Status(200)(context, call) : FailAsync(context, call);
        using var answer = await gateway.User.SendAsync(gateway.Request(HttpMethod.Post, "/api/orders", """{"a":1}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([.. Enumerable.Repeat("""{"a":1}""", 3)], gateway.Sidecar.Calls.Select(c => c.Body));

        Task FailAsync(HttpContext context, FakeSidecar.Call call)
        {
            if (failure == "connection lost") context.Abort();
            return failure switch
            {
                "not delivered" => FakeSidecar.NotDeliveredAsync(context, call),
                "connection lost" => Task.CompletedTask,
                _ => FakeSidecar.Status(int.Parse(failure, System.Globalization.CultureInfo.InvariantCulture))(context, call),
            };
        }
    }

    [Theory]
    [InlineData("PUT", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("DELETE", 1)]
    [InlineData("GET", 4)]
    [InlineData("HEAD", 4)]
    public async Task What_changes_one_version_is_sent_once(string method, int calls)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(504);
        using var request = gateway.Request(new HttpMethod(method), "/api/orders/7");
        request.Headers.Add("If-Match", "\"3\"");
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await gateway.User.SendAsync(request)).StatusCode);
        Assert.Equal(calls, gateway.Sidecar.Calls.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(429)]
    public async Task What_the_app_decided_is_not_asked_again(int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(status);
        await GatewayUnderTest.ProblemAsync(await gateway.User.GetAsync("/api/orders"), (HttpStatusCode)status);
        Assert.Single(gateway.Sidecar.Calls);
    }

    [Fact]
    public async Task A_busy_app_says_when_to_come_back_and_is_not_asked_again()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(503, ("Retry-After", "7"));
        using var answer = await gateway.User.GetAsync("/api/orders");
        await GatewayUnderTest.ProblemAsync(answer, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
        Assert.Single(gateway.Sidecar.Calls);
    }

    [Fact]
    public async Task A_try_without_an_answer_ends_after_its_time_and_the_route_answers_504()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:TryTimeout=0.5");
        // A first try that takes its time to compile could end before the sidecar has seen it.
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
        gateway.Sidecar.Calls.Clear();
        gateway.Sidecar.Script = async (context, _) => await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await GatewayUnderTest.ProblemAsync(await gateway.User.GetAsync("/api/orders"), HttpStatusCode.GatewayTimeout);
        Assert.Equal(4, gateway.Sidecar.Calls.Count);
    }

    [Fact]
    public async Task A_login_is_slow_on_purpose_and_is_not_sent_again_while_it_runs()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:TryTimeout=0.1");
        gateway.Sidecar.Script = async (context, call) =>
        {
            using var later = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
            await Task.WhenAny(Task.Delay(Timeout.Infinite, later.Token), Task.Delay(Timeout.Infinite, context.RequestAborted));
            await FakeSidecar.Status(200)(context, call);
        };
        using var answer = await gateway.Anonymous.SendAsync(gateway.Request(HttpMethod.Post, "/api/auth/login", "{}"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(gateway.Sidecar.Calls);
    }

    [Fact]
    public async Task The_breaker_opens_lets_one_call_try_after_its_time_and_closes_when_that_succeeds()
    {
        var time = new ManualTime();
        await using var gateway = await GatewayUnderTest.StartAsync(time, "--Gateway:Retries=0");
        gateway.Sidecar.Script = FakeSidecar.Status(500);
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.InternalServerError, await OrdersAsync());

        // open: refused at once, with the time to wait, and only for this app
        using var refused = await gateway.User.GetAsync("/api/orders");
        await GatewayUnderTest.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(5, gateway.Sidecar.Calls.Count);
        gateway.Sidecar.Script = FakeSidecar.Status(200);
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/notifications")).StatusCode);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await OrdersAsync());

        // half-open: one failing call opens it again
        time.Advance(TimeSpan.FromSeconds(1));
        gateway.Sidecar.Script = FakeSidecar.Status(500);
        Assert.Equal(HttpStatusCode.InternalServerError, await OrdersAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await OrdersAsync());

        // half-open: one good call closes it
        time.Advance(TimeSpan.FromSeconds(60));
        gateway.Sidecar.Script = FakeSidecar.Status(200);
        Assert.Equal(HttpStatusCode.OK, await OrdersAsync());
        gateway.Sidecar.Script = FakeSidecar.Status(500);
        Assert.Equal(HttpStatusCode.InternalServerError, await OrdersAsync());
        Assert.Equal(HttpStatusCode.InternalServerError, await OrdersAsync());

        async Task<HttpStatusCode> OrdersAsync() => (await gateway.User.GetAsync("/api/orders")).StatusCode;
    }

    [Fact]
    public async Task A_call_that_succeeds_at_its_second_try_does_not_count_against_the_app()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var calls = 0;
        gateway.Sidecar.Script = (context, call) =>
            Interlocked.Increment(ref calls) % 2 == 1 ? FakeSidecar.NotDeliveredAsync(context, call) : FakeSidecar.Status(200)(context, call);
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
    }

    [Fact]
    public async Task An_app_that_is_starting_is_waited_for_and_its_breaker_stays_closed()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gateway = await GatewayUnderTest.StartAsync(
            (context, call) => ready.Task.IsCompleted ? FakeSidecar.Status(200)(context, call) : FakeSidecar.NotDeliveredAsync(context, call),
            null, "--Gateway:StartLimit=600", "--Gateway:Routes:5:Timeout=0.1");
        for (var i = 0; i < 10; i++)
        {
            using var refused = await gateway.User.GetAsync("/api/orders");
            await GatewayUnderTest.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        }

        var waiting = gateway.User.GetAsync("/api/notifications");
        ready.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        // Another route to the app that was refused: this one has time to wait for it.
        gateway.User.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Tokens.Mint(role: "admin"));
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/admin/shards")).StatusCode);
    }

    [Fact]
    public async Task An_app_that_never_starts_is_its_breakers_business_after_the_limit()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(FakeSidecar.NotDeliveredAsync, null, "--Gateway:StartLimit=0.5");
        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.User.GetAsync("/api/orders")).StatusCode);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Refusals_and_busy_answers_never_open_the_breaker(int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(status, ("Retry-After", "1"));
        for (var i = 0; i < 100; i++) await gateway.User.GetAsync("/api/orders");
        Assert.Equal(100, gateway.Sidecar.Calls.Count);
        gateway.Sidecar.Script = FakeSidecar.Status(200);
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
    }
}
