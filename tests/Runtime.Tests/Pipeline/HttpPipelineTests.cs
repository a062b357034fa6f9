using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LocalDapr.Runtime.Hosting;
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

    private static Uri Path(string path) => new(path, UriKind.Relative);
}
