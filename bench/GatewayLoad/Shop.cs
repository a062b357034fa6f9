using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quayside.Bench.GatewayLoad;

/// <summary>One order of the demo user, and two ways to read it.</summary>
internal sealed class Shop : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 });
    private readonly Uri _gateway;
    private readonly Uri _sidecar;
    private readonly string _daprToken = Environment.GetEnvironmentVariable("DAPR_API_TOKEN") ?? "";
    private string _token = "";
    private string _order = "";

    private Shop(Uri gateway, string dataFolder)
    {
        using var state = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(dataFolder, "run.json")));
        var app = state.RootElement.GetProperty("apps").EnumerateArray().Single(app => app.GetProperty("appId").GetString() == "gateway");
        (_gateway, _sidecar) = (gateway, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{app.GetProperty("httpPort").GetInt32()}")));
    }

    public static async Task<Shop> OpenAsync(Uri gateway, string dataFolder, CancellationToken cancellation)
    {
        var shop = new Shop(gateway, dataFolder);
        using var login = await shop._http.PostAsJsonAsync(new Uri(gateway, "/api/auth/login"), new { email = "demo@quayside.test", password = "demo-pass-1234" }, cancellation);
        shop._token = Text(await ReadAsync(login, cancellation), "accessToken");
        using var place = shop.Request(gateway, HttpMethod.Post, "/api/orders");
        place.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        place.Content = JsonContent.Create(new
        {
            items = new[] { new { productId = "p-01", quantity = 1 } },
            payment = new { token = "tok_ok" },
            shipTo = new { name = "Load Driver", street = "Quay 1", city = "Berlin", postcode = "10115", country = "DE" },
        });
        using var placed = await shop._http.SendAsync(place, cancellation);
        shop._order = $"/api/orders/{Text(await ReadAsync(placed, cancellation), "orderId")}";
        // ends when the order is final
        using var follow = shop.Request(gateway, HttpMethod.Get, $"{shop._order}/stream");
        using var end = await shop._http.SendAsync(follow, cancellation);
        end.EnsureSuccessStatusCode();
        return shop;
    }

    public Task ReadThroughGatewayAsync(CancellationToken cancellation) => SendAsync(Request(_gateway, HttpMethod.Get, _order), cancellation);

    public Task ReadThroughSidecarAsync(CancellationToken cancellation)
    {
        var request = Request(_sidecar, HttpMethod.Get, _order);
        request.Headers.Add("dapr-app-id", "order-service");
        request.Headers.Add("dapr-api-token", _daprToken);
        return SendAsync(request, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Uri server, HttpMethod method, string path) =>
        new(method, new Uri(server, path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _token) } };

    private async Task SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            using var answer = await _http.SendAsync(request, cancellation);
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
    }

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
