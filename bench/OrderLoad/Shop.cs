using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quayside.Bench.OrderLoad;

/// <summary>The house through its gateway, as the demo user, and as the admin for the books.</summary>
internal sealed class Shop(HttpClient http, string demo, string admin) : IDisposable
{
    public static async Task<Shop> SignInAsync(Uri gateway, CancellationToken cancellation)
    {
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = gateway };
        return new Shop(
            http,
            await LoginAsync(http, "demo@quayside.test", "demo-pass-1234", cancellation),
            await LoginAsync(http, "admin@quayside.test", "admin-pass-1234", cancellation));
    }

    public void Dispose() => http.Dispose();

    public async Task<string[]> ProductsAsync(CancellationToken cancellation)
    {
        var products = await GetAsync("/api/products", demo, cancellation);
        return [.. products.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("productId").GetString()!)];
    }

    /// <summary>Places one order. When the house says that it is busy, sends it again under the same key, or gives up and answers null.</summary>
    public async Task<string?> PlaceAsync(string productId, bool giveUp, CancellationToken cancellation)
    {
        var key = Guid.NewGuid().ToString();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders")
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", demo) },
                Content = JsonContent.Create(new
                {
                    items = new[] { new { productId, quantity = 1 } },
                    payment = new { token = "tok_ok" },
                    shipTo = new { name = "Load Driver", street = "Quay 1", city = "Berlin", postcode = "10115", country = "DE" },
                }),
            };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await http.SendAsync(request, cancellation);
            if (answer.StatusCode == HttpStatusCode.Accepted)
                return (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("orderId").GetString()!;
            if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
                throw new InvalidOperationException($"POST /api/orders: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
            if (giveUp)
                return null;
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(200), cancellation);
        }
    }

    public async Task WaitUntilFinalAsync(string orderId, CancellationToken cancellation)
    {
        while ((await GetAsync($"/api/orders/{orderId}", demo, cancellation)).GetProperty("status").GetString() is not ("shipped" or "cancelled"))
            await Task.Delay(100, cancellation);
    }

    /// <summary>From the first to the last event of an order, by its own history.</summary>
    public async Task<TimeSpan> LifetimeAsync(string orderId, CancellationToken cancellation)
    {
        var history = await GetAsync($"/api/orders/{orderId}/events", demo, cancellation);
        var times = history.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("timestamp").GetDateTimeOffset()).ToArray();
        return times.Max() - times.Min();
    }

    public async Task<bool> BooksBalanceAsync(CancellationToken cancellation) =>
        (await GetAsync("/api/admin/books", admin, cancellation)).GetProperty("balanced").GetBoolean();

    private static async Task<string> LoginAsync(HttpClient http, string email, string password, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync("/api/auth/login", new { email, password }, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("accessToken").GetString()!;
    }

    private async Task<JsonElement> GetAsync(string path, string token, CancellationToken cancellation)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var answer = await http.SendAsync(request, cancellation);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                answer.EnsureSuccessStatusCode();
                return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            }
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(200), cancellation);
        }
    }
}
