using System.Net;
using System.Text;
using LocalDapr.Runtime.Hosting;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Runtime.Tests.Invocation;

public sealed class HttpInvocationTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_app_of_another_sidecar_of_this_process_is_called_directly_and_told_who_calls()
    {
        var seen = new TaskCompletionSource<Dictionary<string, string>>();
        await using var app = await RawApp.StartAsync(async http =>
        {
            if (http.Request.Path == "/orders/1")
                seen.TrySetResult(Copy(http.Request.Headers));
            await http.Response.WriteAsync($"{http.Request.Path}{http.Request.QueryString}");
        });
        await using var runtime = TestSidecar.CreateRuntime(folder, Backends.Embedded);
        await using var caller = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppId = "caller" }, runtime: runtime);
        await using var callee = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppId = "callee", AppPort = app.Port }, runtime: runtime);

        using var request = new HttpRequestMessage(HttpMethod.Get, "v1.0/invoke/callee/method/orders/1?x=%20y");
        request.Headers.Add("dapr-caller-app-id", "somebody-else");
        request.Headers.Add("dapr-callee-app-id", "somebody-else");
        using var response = await caller.Http.SendAsync(request);

        Assert.Equal("/orders/1?x=%20y", await response.Content.ReadAsStringAsync());
        var headers = await seen.Task;
        Assert.Equal("caller", headers["dapr-caller-app-id"]);
        Assert.Equal("callee", headers["dapr-callee-app-id"]);
        Assert.Equal("default", headers["dapr-caller-namespace"]);
    }

    [Fact]
    public async Task A_request_reaches_the_app_while_the_caller_still_sends_and_the_answer_the_caller_while_the_app_still_writes()
    {
        var first = new TaskCompletionSource<string>();
        var mayEnd = new TaskCompletionSource();
        await using var app = await RawApp.StartAsync(async http =>
        {
            var buffer = new byte[64];
            if (http.Request.Method == "POST")
                first.TrySetResult(Encoding.ASCII.GetString(buffer, 0, await http.Request.Body.ReadAsync(buffer)));
            await http.Request.Body.CopyToAsync(Stream.Null);
            await http.Response.WriteAsync("begin");
            await http.Response.Body.FlushAsync();
            if (http.Request.Method == "POST")
                await mayEnd.Task.WaitAsync(TimeSpan.FromSeconds(10));
            await http.Response.WriteAsync("end");
        });
        await using var sidecar = await StartAsync(app.Port);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, sidecar.Sidecar.HttpPort);
        var stream = socket.GetStream();
        await stream.WriteAsync("POST /v1.0/invoke/myapp/method/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"u8.ToArray());
        Assert.Equal("first", await first.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        await stream.WriteAsync("6\r\nsecond\r\n0\r\n\r\n"u8.ToArray());
        await ReadUntilAsync(stream, "begin");
        mayEnd.SetResult();
        await ReadUntilAsync(stream, "end");
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_never_a_clean_end_for_the_caller()
    {
        await using var app = await RawApp.StartAsync(async http =>
        {
            await http.Response.WriteAsync("half");
            await http.Response.Body.FlushAsync();
            http.Abort();
        });
        await using var sidecar = await StartAsync(app.Port);
        await Assert.ThrowsAnyAsync<Exception>(() => sidecar.Http.GetStringAsync(new Uri("v1.0/invoke/myapp/method/x", UriKind.Relative)));
    }

    [Fact]
    public async Task A_timeout_within_the_answers_body_aborts_the_connection()
    {
        using var release = new CancellationTokenSource();
        await using var app = await RawApp.StartAsync(async http =>
        {
            await http.Response.WriteAsync("half");
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, release.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var sidecar = await StartAsync(app.Port, Policy("timeout: short"));
        using var response = await sidecar.Http.GetAsync(new Uri("v1.0/invoke/myapp/method/x", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        await release.CancelAsync();
    }

    [Fact]
    public async Task A_retry_sends_the_same_body_again_and_the_apps_last_answer_comes_back()
    {
        var bodies = new List<string>();
        await using var app = await RawApp.StartAsync(async http =>
        {
            if (http.Request.Path != "/x")
                return;
            using var reader = new StreamReader(http.Request.Body);
            bodies.Add(await reader.ReadToEndAsync());
            http.Response.StatusCode = 503;
            await http.Response.WriteAsync($"answer {bodies.Count}");
        });
        await using var sidecar = await StartAsync(app.Port, Policy("retry: twice"));
        var body = new string('x', 300_000);
        using var response = await sidecar.Http.PostAsync(new Uri("v1.0/invoke/myapp/method/x", UriKind.Relative), new StringContent(body));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("answer 3", await response.Content.ReadAsStringAsync());
        Assert.Equal([body, body, body], bodies);
    }

    [Fact]
    public async Task A_body_without_a_length_is_sent_once_whatever_the_policy()
    {
        var calls = 0;
        await using var app = await RawApp.StartAsync(http =>
        {
            if (http.Request.Path == "/x")
                Interlocked.Increment(ref calls);
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var sidecar = await StartAsync(app.Port, Policy("retry: twice"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1.0/invoke/myapp/method/x") { Content = new StringContent("chunked") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await sidecar.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_dead_app_behind_a_live_sidecar_is_refused_at_once_with_Daprs_error()
    {
        var app = await RawApp.StartAsync(_ => Task.CompletedTask);
        await using var runtime = TestSidecar.CreateRuntime(folder, Backends.Embedded);
        await using var caller = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppId = "caller" }, runtime: runtime);
        await using var callee = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppId = "callee", AppPort = app.Port }, runtime: runtime);
        await app.DisposeAsync();
        using var response = await caller.Http.GetAsync(new Uri("v1.0/invoke/callee/method/x", UriKind.Relative));
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("ERR_DIRECT_INVOKE", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_calls_than_the_concurrency_limit_are_in_the_app_at_once_bodies_included()
    {
        var (inside, most) = (0, 0);
        await using var app = await RawApp.StartAsync(async http =>
        {
            if (http.Request.Path != "/x")
                return;
            var now = Interlocked.Increment(ref inside);
            most = Math.Max(most, now);
            await http.Response.WriteAsync("a");
            await http.Response.Body.FlushAsync();
            await Task.Yield();
            await http.Response.WriteAsync("b");
            Interlocked.Decrement(ref inside);
        });
        await using var sidecar = await StartAsync(app.Port, configure: o => o with { AppMaxConcurrency = 2 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => sidecar.Http.GetStringAsync(new Uri("v1.0/invoke/myapp/method/x", UriKind.Relative))));
        Assert.All(answers, a => Assert.Equal("ab", a));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Headers_of_the_connection_stay_on_it()
    {
        var seen = new TaskCompletionSource<Dictionary<string, string>>();
        await using var app = await RawApp.StartAsync(http =>
        {
            if (http.Request.Path == "/x")
                seen.TrySetResult(Copy(http.Request.Headers));
            return Task.CompletedTask;
        });
        await using var sidecar = await StartAsync(app.Port);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1.0/invoke/myapp/method/x");
        request.Headers.TryAddWithoutValidation("Connection", "X-Hop");
        request.Headers.TryAddWithoutValidation("X-Hop", "1");
        request.Headers.TryAddWithoutValidation("X-Kept", "1");
        using var response = await sidecar.Http.SendAsync(request);
        Assert.Equal("1", (await seen.Task)["X-Kept"]);
        Assert.False((await seen.Task).ContainsKey("X-Hop"));
    }

    [Theory]
    [InlineData("v1.0/invoke/myapp/method/a%2Fb", "/a%2Fb")]
    [InlineData("v1.0/invoke/myapp/method/a/../../../b", "/b")]
    [InlineData("v1.0/invoke/myapp/method/a/%2e%2e/%2E%2E/b", "/b")]
    [InlineData("v1.0/invoke/myapp/method/a%2520b%25", "/a%2520b%25")]
    public async Task A_path_arrives_as_it_was_escaped_and_never_above_the_root(string path, string expected)
    {
        var seen = new TaskCompletionSource<string>();
        await using var app = await RawApp.StartAsync(http =>
        {
            var target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            if (target != "/dapr/config")
                seen.TrySetResult(target);
            return Task.CompletedTask;
        });
        await using var sidecar = await StartAsync(app.Port);
        var uri = new Uri($"http://127.0.0.1:{sidecar.Sidecar.HttpPort}/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var response = await sidecar.Http.GetAsync(uri);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, await seen.Task);
    }

    [Theory]
    [InlineData("a%00b")]
    [InlineData("a%0ab")]
    [InlineData("a%3Fb")]
    [InlineData("a%23b")]
    public async Task A_method_with_control_characters_or_hidden_separators_is_refused(string method)
    {
        await using var app = await RawApp.StartAsync(_ => Task.CompletedTask);
        await using var sidecar = await StartAsync(app.Port);
        using var response = await sidecar.Http.GetAsync(new Uri($"http://127.0.0.1:{sidecar.Sidecar.HttpPort}/v1.0/invoke/myapp/method/{method}"));
        Assert.False(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_with_or_without_a_length()
    {
        await using var app = await RawApp.StartAsync(http => http.Request.Body.CopyToAsync(Stream.Null));
        await using var sidecar = await StartAsync(app.Port, configure: o => o with { MaxBodySize = 1000 });
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1.0/invoke/myapp/method/x") { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(new string('x', 5000))) };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await sidecar.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
    }

    private static Dictionary<string, string> Copy(IHeaderDictionary headers) =>
        headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    private static string Policy(string target) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: rules}
        spec:
          policies:
            timeouts: {short: 500ms}
            retries:
              twice: {policy: constant, duration: 10ms, maxRetries: 2}
          targets:
            apps:
              myapp: { {{target}} }
        """;

    private static async Task ReadUntilAsync(Stream stream, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var seen = "";
        var buffer = new byte[4096];
        while (!seen.Contains(text, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, limit.Token);
            Assert.NotEqual(0, count);
            seen += Encoding.ASCII.GetString(buffer, 0, count);
        }
    }

    private Task<TestSidecar> StartAsync(int port, string? resource = null, Func<SidecarOptions, SidecarOptions>? configure = null) =>
        TestSidecar.StartAsync(folder, resource is null ? [] : [resource], configure: o => (configure?.Invoke(o) ?? o) with { AppPort = port });
}
