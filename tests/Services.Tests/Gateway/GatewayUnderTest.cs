using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Gateway;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Services.Tests.Gateway;

/// <summary>The gateway on a real Kestrel, its sidecar a script, its callers with tokens of a test issuer.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly WebApplication app;

    private GatewayUnderTest(WebApplication app, FakeSidecar sidecar, TestTokens tokens)
    {
        this.app = app;
        Sidecar = sidecar;
        Tokens = tokens;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Anonymous = new HttpClient { BaseAddress = Address };
        User = new HttpClient { BaseAddress = Address };
        User.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Mint());
    }

    public FakeSidecar Sidecar { get; }

    public TestTokens Tokens { get; }

    public Uri Address { get; }

    public HttpClient Anonymous { get; }

    public HttpClient User { get; }

    public static Task<GatewayUnderTest> StartAsync(TimeProvider? time = null, params string[] settings) => StartAsync(null, time, settings);

    /// <summary>With a script that the gateway meets at its start already.</summary>
    public static async Task<GatewayUnderTest> StartAsync(Func<HttpContext, FakeSidecar.Call, Task>? script, TimeProvider? time, params string[] settings)
    {
        var tokens = new TestTokens();
        var sidecar = await FakeSidecar.StartAsync(tokens.Jwks);
        if (script is not null) sidecar.Script = script;
        string[] args =
        [
            "--urls=http://127.0.0.1:0", $"--DAPR_HTTP_ENDPOINT={sidecar.Address}", "--DAPR_API_TOKEN=api-token",
            "--Gateway:StartLimit=0", "--Logging:LogLevel:Default=Critical", "--Logging:LogLevel:Microsoft=Critical", .. settings,
        ];
        var app = GatewayApp.Build(args, services =>
        {
            if (time is not null) services.AddSingleton(time);
        });
        await app.StartAsync();
        return new GatewayUnderTest(app, sidecar, tokens);
    }

    public HttpRequestMessage Request(HttpMethod method, string path, string? json = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return request;
    }

    /// <summary>Sends bytes as they are, for requests that a well-behaved client would not make; answers the status line's code.</summary>
    public async Task<(int Status, string Text)> SendRawAsync(string text)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), answer);
    }

    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(text).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        User.Dispose();
        await app.DisposeAsync();
        await Sidecar.DisposeAsync();
        Tokens.Dispose();
    }
}
