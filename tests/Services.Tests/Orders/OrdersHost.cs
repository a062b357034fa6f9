using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Quayside.EventSourcing;
using Quayside.Outbox;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Services.Tests.Orders;

/// <summary>Orders as it is shipped, on a real port and real files; only what it would send out of the process is caught.</summary>
internal sealed class OrdersHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quayside-orders-");
    private readonly TestTokens _tokens = new();
    private WebApplication _app = null!;
    private Uri _address = null!;

    public required Neighbours Neighbours { get; init; }

    /// <summary>What the relay gave to the broker.</summary>
    public ConcurrentQueue<DomainEvent> Published { get; } = [];

    public bool BrokerIsDown { get; set; }

    public string Folder => _folder.FullName;

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<OrdersHost> StartAsync(params string[] settings)
    {
        var host = new OrdersHost { Neighbours = await Neighbours.StartAsync() };
        await host.StartAppAsync(settings);
        return host;
    }

    public async Task RestartAsync()
    {
        await StopAppAsync();
        await StartAppAsync();
    }

    public HttpClient As(string userId, string? role = null)
    {
        var client = new HttpClient { BaseAddress = _address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.For(userId, role));
        return client;
    }

    public HttpClient AsSidecar()
    {
        var client = new HttpClient { BaseAddress = _address };
        client.DefaultRequestHeaders.Add("dapr-api-token", "app-token");
        return client;
    }

    public HttpClient Anonymous() => new() { BaseAddress = _address };

    private async Task StartAppAsync(params string[] settings)
    {
        _app = TestOrders.Create(
            [
                "--urls=http://127.0.0.1:0", "--APP_API_TOKEN=app-token", $"--DAPR_HTTP_ENDPOINT={Neighbours.Address}", $"--DataDirectory={Folder}", "--Logging:LogLevel:Default=Warning",
                .. settings,
            ],
            builder => builder.Services.AddSingleton<IJwksSource>(_tokens),
            PublishAsync);
        await _app.StartAsync();
        _address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    private Task PublishAsync(DomainEvent stored, CancellationToken cancellationToken)
    {
        if (BrokerIsDown)
            throw new HttpRequestException("the broker is down");
        Published.Enqueue(stored);
        return Task.CompletedTask;
    }

    private async Task StopAppAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAppAsync();
        await Neighbours.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

internal static class OrderRequests
{
    public const string ShipTo = """{"name":"Ada Lovelace","street":"12 Secret Lane","city":"London","postcode":"W1","country":"GB"}""";

    public static string Body(string items = """[{"productId":"p-1","quantity":2}]""", string token = "tok_ok") =>
        $$"""{"items":{{items}},"payment":{"token":"{{token}}"},"shipTo":{{ShipTo}}}""";

    public static async Task<HttpResponseMessage> PlaceAsync(this HttpClient client, string? key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    public static async Task<string> PlacedAsync(this HttpClient client, string key, string? body = null)
    {
        using var answer = await client.PlaceAsync(key, body ?? Body());
        Assert.Equal(202, (int)answer.StatusCode);
        return (await answer.JsonAsync())["orderId"]!.GetValue<string>();
    }

    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    public static async Task<JsonNode> GetJsonAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    public static async Task<TAnswer> TellAsync<TAnswer>(this HttpClient sidecar, string command, object body)
    {
        using var answer = await sidecar.PostAsJsonAsync($"/internal/orders/{command}", body);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<TAnswer>(JsonSerializerOptions.Web))!;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
            await Task.Delay(10, deadline.Token);
    }
}
