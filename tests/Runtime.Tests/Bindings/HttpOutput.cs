using System.Net.Http.Json;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Tests.Bindings;

public sealed class HttpOutput : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Metadata_with_a_capital_are_headers_the_token_is_sent_and_the_path_is_put_behind_the_url()
    {
        await using var other = await TestApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(folder, [Yaml.Component("web", "bindings.http",
            ("url", $"http://127.0.0.1:{other.Port}/base/"), ("securityToken", "t0ken"), ("securityTokenHeader", "X-Token"))]);

        var answer = await sidecar.Http.PostAsJsonAsync("v1.0/bindings/web", new
        {
            operation = "put",
            data = new { n = 1 },
            metadata = new Dictionary<string, string> { ["path"] = "/deep", ["X-Custom"] = "yes", ["Content-Type"] = "text/special", ["lower"] = "no" },
        });

        answer.EnsureSuccessStatusCode();
        var call = Assert.Single(other.Calls);
        Assert.Equal(("PUT", "/base/deep", """{"n":1}"""), (call.Method, call.Path, call.Body));
        Assert.Equal(("yes", "text/special", "t0ken"), (call.Headers["X-Custom"], call.Headers["Content-Type"], call.Headers["X-Token"]));
        Assert.DoesNotContain("lower", call.Headers.Keys);
    }

    [Fact]
    public async Task Metadata_that_would_end_the_line_of_its_header_are_refused()
    {
        await using var other = await TestApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(folder, [Yaml.Component("web", "bindings.http", ("url", $"http://127.0.0.1:{other.Port}/"))]);

        var answer = await sidecar.Http.PostAsJsonAsync("v1.0/bindings/web", new { operation = "get", metadata = new Dictionary<string, string> { ["X-Custom"] = "yes\r\nx-injected: 1" } });

        Assert.Equal(System.Net.HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(other.Calls);
    }

    [Fact]
    public async Task A_client_certificate_is_refused_instead_of_left_out()
    {
        var refused = await Assert.ThrowsAsync<ResourceException>(() =>
            TestSidecar.StartAsync(folder, [Yaml.Component("web", "bindings.http", ("url", "http://localhost/"), ("MTLSClientCert", "cert"))]));
        Assert.Contains("MTLSClientCert", refused.Message, StringComparison.Ordinal);
    }
}
