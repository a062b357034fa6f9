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
using Quayside.Orders.Storage;
using Quayside.Outbox;
using Quayside.Servers;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Services.Tests.Orders;

/// <summary>Orders as it is shipped, on a real port and real files; only what it would send out of the process is caught.</summary>
internal sealed class OrdersHost : IAsyncDisposable
{
    /// <summary>Here no saga ever finishes an order, and a busy machine may keep the relay waiting.</summary>
    private static readonly string[] AdmitAll = ["--Orders:Admission:RunningSagas=1000000", "--Orders:Admission:RunningSagasPerUser=1000000", "--Orders:Admission:RelayLag=01:00:00"];

    private const string Connection = "--ConnectionStrings:Orders=";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quayside-orders-");
    private readonly TestTokens _tokens = new();
    private readonly List<WebApplication> _replicas = [];
    private string[] _settings = [];

    public required Neighbours Neighbours { get; init; }

    /// <summary>What the relay gave to the broker.</summary>
    public ConcurrentQueue<DomainEvent> Published { get; } = [];

    public bool BrokerIsDown { get; set; }

    public string Folder => _folder.FullName;

    /// <param name="server">Null for SQLite.</param>
    public static async Task<OrdersHost> StartAsync(PostgresServer? server, params string[] settings)
    {
        var host = new OrdersHost { Neighbours = await Neighbours.StartAsync(), _settings = settings };
        if (server is not null)
            host._settings = [.. settings, Connection + await server.CreateDatabaseAsync()];
        await host.StartReplicaAsync();
        return host;
    }

    public async Task RestartAsync(params string[] settings)
    {
        await StopReplicaAsync(0);
        await StartReplicaAsync(settings);
    }

    public HttpClient As(string userId, string? role = null, int replica = 0, TimeSpan? life = null)
    {
        var client = AsSidecar(replica);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.For(userId, role, life));
        return client;
    }

    /// <summary>An admin who has found the port of the app.</summary>
    public HttpClient PastTheSidecar()
    {
        var client = As("boss", "admin");
        client.DefaultRequestHeaders.Remove("dapr-api-token");
        return client;
    }

    public HttpClient AsSidecar(int replica = 0)
    {
        var client = new HttpClient { BaseAddress = AddressOf(replica) };
        client.DefaultRequestHeaders.Add("dapr-api-token", "app-token");
        return client;
    }

    public HttpClient Anonymous() => AsSidecar();

    public async Task StartReplicaAsync(params string[] settings)
    {
        var app = TestOrders.Create(
            [
                "--urls=http://127.0.0.1:0", "--APP_API_TOKEN=app-token", $"--DAPR_HTTP_ENDPOINT={Neighbours.Address}", $"--DataDirectory={Folder}", "--Logging:LogLevel:Default=Warning",
                .. AdmitAll, .. _settings, .. settings,
            ],
            builder => builder.Services.AddSingleton<IJwksSource>(_tokens),
            PublishAsync);
        try
        {
            await app.StartAsync();
            _replicas.Add(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public IServiceProvider Services(int replica = 0) => _replicas[replica].Services;

    public async Task StopReplicaAsync(int replica)
    {
        var app = _replicas[replica];
        _replicas.RemoveAt(replica);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    public Task RebuildViewsAsync() =>
        Task.WhenAll(_replicas[0].Services.GetRequiredService<Shards>().Router.Shards.Select(shard => shard.Views.RebuildAsync(CancellationToken.None)));

    /// <summary>Puts nonsense in the place of every view.</summary>
    public Task SpoilViewsAsync() => _replicas[0].Services.GetRequiredService<Shards>().Router.ReadAllAsync(
        shard => shard.Store.Database.WriteOneAsync(session => session.ExecuteAsync("UPDATE order_views SET view = $1", "{}"u8.ToArray()), CancellationToken.None), CancellationToken.None);

    private Uri AddressOf(int replica) => new(_replicas[replica].Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private Task PublishAsync(DomainEvent stored, CancellationToken cancellationToken)
    {
        if (BrokerIsDown)
            throw new HttpRequestException("the broker is down");
        Published.Enqueue(stored);
        return Task.CompletedTask;
    }

    /// <summary>All that is in the databases, each byte as one character.</summary>
    public async Task<string> StoredAsync()
    {
        var all = new StringBuilder();
        foreach (var file in Directory.GetFiles(Folder))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, Encoding.Latin1);
            all.Append(await reader.ReadToEndAsync());
        }
        if (_settings.FirstOrDefault(setting => setting.StartsWith(Connection, StringComparison.Ordinal)) is { } connection)
            all.Append(await PostgresServer.DumpAsync(connection[Connection.Length..]));
        return all.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        while (_replicas.Count > 0)
            await StopReplicaAsync(0);
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
