using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Metrics;
using LocalDapr.Runtime.Tests.Fuzz;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Runtime.Tests.Pipeline;

public sealed class HttpPipelineTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task With_an_API_token_every_call_but_health_needs_it_and_the_app_gets_its_own()
    {
        var seen = new TaskCompletionSource<string>();
        await using var app = await RawApp.StartAsync(http =>
        {
            if (http.Request.Path == "/x")
                seen.TrySetResult(http.Request.Headers["dapr-api-token"].ToString());
            return Task.CompletedTask;
        });
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { ApiToken = "s3cret", AppApiToken = "apps", AppPort = app.Port });
        Assert.Equal(HttpStatusCode.Unauthorized, (await sidecar.Http.GetAsync(Path("v1.0/metadata"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.GetAsync(Path("v1.0/healthz"))).StatusCode);
        using var wrong = new HttpRequestMessage(HttpMethod.Get, Path("v1.0/invoke/myapp/method/x"));
        wrong.Headers.Add("dapr-api-token", "s3cre");
        Assert.Equal(HttpStatusCode.Unauthorized, (await sidecar.Http.SendAsync(wrong)).StatusCode);
        using var right = new HttpRequestMessage(HttpMethod.Get, Path("v1.0/invoke/myapp/method/x"));
        right.Headers.Add("dapr-api-token", "s3cret");
        Assert.Equal(HttpStatusCode.OK, (await sidecar.Http.SendAsync(right)).StatusCode);
        Assert.Equal("apps", await seen.Task);
    }

    [Fact]
    public async Task An_origin_that_is_not_listed_gets_no_CORS_headers()
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AllowedOrigins = "https://good.example" });
        await CheckAsync("https://good.example", true);
        await CheckAsync("https://evil.example", false);

        async Task CheckAsync(string origin, bool allowed)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Path("v1.0/metadata"));
            request.Headers.Add("Origin", origin);
            using var response = await sidecar.Http.SendAsync(request);
            Assert.Equal(allowed, response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Metadata_tells_how_the_app_is_connected()
    {
        await using var app = await RawApp.StartAsync(http => http.Response.WriteAsync("ok"));
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port, EnableAppHealthCheck = true, AppHealthProbeInterval = TimeSpan.FromSeconds(1) });
        var document = await sidecar.Http.GetFromJsonAsync<JsonObject>(Path("v1.0/metadata"));
        Assert.Equal(app.Port, (int?)document!["appConnectionProperties"]!["port"]);
        Assert.Equal("1s", (string?)document["appConnectionProperties"]!["health"]!["healthProbeInterval"]);
    }

    [Fact]
    public async Task Calls_are_counted_on_the_metrics_page()
    {
        await using var app = await RawApp.StartAsync(http => http.Response.WriteAsync("ok"));
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port });
        await sidecar.Http.GetStringAsync(Path("v1.0/invoke/myapp/method/x"));
        await Eventually.TrueAsync(() => Task.FromResult(sidecar.Sidecar.Context.Metrics.Write().Contains(
            "dapr_http_server_request_count{app_id=\"myapp\",method=\"GET\",path=\"/v1.0/invoke/myapp/method/x\",status=\"200\"} 1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_sidecar_that_blocks_its_shutdown_says_not_ready_and_still_answers()
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, []);
        sidecar.Sidecar.BlockShutdown();
        Assert.Equal(HttpStatusCode.InternalServerError, (await sidecar.Http.GetAsync(Path("v1.0/healthz"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await sidecar.Http.GetAsync(Path("v1.0/metadata"))).StatusCode);
    }

    [Theory]
    [InlineData("state/store", """[{"key":"k","value":"\ud800"}]""")]
    [InlineData("state/store", """[{"key":"\ud800","value":1}]""")]
    [InlineData("state/store/bulk", """{"keys":["\udc00"]}""")]
    [InlineData("state/store/transaction", """{"operations":[{"operation":"upsert","request":{"key":"k","value":{"\ud800":1}}}]}""")]
    [InlineData("publish/bulk/pubsub/t", """[{"entryId":"\ud800","event":"x","contentType":"text/plain"}]""")]
    [InlineData("publish/pubsub/t", """{"specversion":"1.0","data":"\ud800"}""")]
    [InlineData("bindings/files", """{"operation":"\ud800"}""")]
    [InlineData("jobs/j", """{"dueTime":"\ud800"}""")]
    public async Task JSON_with_half_a_surrogate_pair_is_malformed_wherever_it_stands(string path, string json)
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, [Yaml.Component("store", "state.in-memory"), Yaml.Component("pubsub", "pubsub.in-memory"), Yaml.Component("files", "bindings.localstorage", ("rootPath", folder.Path))]);
        foreach (var body in new[] { Encoding.UTF8.GetBytes(json), Bytes(json) })
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new(path.StartsWith("publish/pubsub", StringComparison.Ordinal) ? "application/cloudevents+json" : "application/json");
            Assert.Equal(HttpStatusCode.BadRequest, (await sidecar.Http.PostAsync(Path($"v1.0/{path}"), content)).StatusCode);
        }

        // The same with a byte that is no UTF-8.
        static byte[] Bytes(string json) => Encoding.Latin1.GetBytes(json.Replace("\\ud800", "\xff", StringComparison.Ordinal).Replace("\\udc00", "\xff", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("state/store")]
    [InlineData("invoke/myapp/method/x")]
    public async Task A_body_in_broken_chunks_is_the_clients_mistake(string path)
    {
        await using var app = await RawApp.StartAsync(http => http.Request.Body.CopyToAsync(Stream.Null));
        await using var sidecar = await TestSidecar.StartAsync(folder, [Yaml.Component("store", "state.in-memory")], configure: o => o with { AppPort = app.Port });
        var request = Encoding.ASCII.GetBytes($"POST /v1.0/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nno length\r\n");
        Assert.Equal(400, (await RawConnection.ExchangeAsync(sidecar.Sidecar.HttpPort, request, ends: false)).Status);
    }

    [Theory]
    [InlineData("tracestate", "a=\u0001", HttpStatusCode.NotFound)]
    [InlineData("baggage", "a=\u007f", HttpStatusCode.BadRequest)]
    public async Task A_control_character_in_a_trace_header_goes_nowhere(string name, string value, HttpStatusCode status)
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, []);
        var request = Encoding.ASCII.GetBytes($"GET /v1.0/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: {value}\r\n\r\n");
        var answer = await RawConnection.ExchangeAsync(sidecar.Sidecar.HttpPort, request, ends: false);
        Assert.Equal((int)status, answer.Status);
        Assert.DoesNotContain($"{name}:", answer.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Verbs_that_nobody_knows_share_a_series_when_there_are_many()
    {
        var set = new MetricSet("myapp");
        var metrics = new HttpMetrics(set, ["count"], "latency");
        for (var i = 0; i < 5000; i++)
            metrics.Record($"VERB{i}", "/x", 404, 1);
        Assert.InRange(set.Write().Split('\n').Count(line => line.StartsWith("count{", StringComparison.Ordinal)), 1, 2100);
    }

    private static Uri Path(string path) => new(path, UriKind.Relative);
}
