using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>A client of the gateway that signs in, and again before its token expires after five minutes.</summary>
public sealed class Shopper(HttpClient http, string email, string password)
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(4);

    /// <summary>Long enough for every retry of a healthy house on a loaded machine.</summary>
    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan NotifiedLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private readonly Lock signingIn = new();
    private Task<string>? token;
    private DateTime renewAt;

    public static Task<Shopper> DemoAsync(House house) => SignInAsync(house, "demo@quayside.test", "demo-pass-1234");

    public static Task<Shopper> AdminAsync(House house) => SignInAsync(house, "admin@quayside.test", "admin-pass-1234");

    public static async Task<Shopper> SignInAsync(House house, string email, string password)
    {
        var shopper = new Shopper(house.Http, email, password);
        await shopper.TokenAsync();
        return shopper;
    }

    public static object Basket(string productId, int quantity = 1, string payment = "tok_ok", string postcode = "10115") =>
        Basket([(productId, quantity)], payment, postcode);

    public static object Basket((string ProductId, int Quantity)[] lines, string payment = "tok_ok", string postcode = "10115") => new
    {
        items = lines.Select(l => new { productId = l.ProductId, quantity = l.Quantity }),
        payment = new { token = payment },
        shipTo = new { name = "Ada Lovelace", street = "Quay 1", city = "Berlin", postcode, country = "DE" },
    };

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? key = null, string? ifMatch = null)
    {
        var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync()) } };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (ifMatch is not null)
            request.Headers.Add("If-Match", ifMatch);
        if (body is not null)
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        return await http.SendAsync(request);
    }

    /// <summary>Opens the event stream of an order.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string orderId, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/orders/{orderId}/stream") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync()) } };
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {(answer.StatusCode == HttpStatusCode.OK ? "" : await answer.Content.ReadAsStringAsync())}");
        return answer;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>All items of a list, page by page.</summary>
    public async Task<List<JsonElement>> AllAsync(string path)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await GetAsync(cursor is null ? path : $"{path}?cursor={Uri.EscapeDataString(cursor)}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return items;
    }

    /// <summary>The ids of the catalogue.</summary>
    public async Task<string[]> ProductsAsync() =>
        [.. (await GetAsync("/api/products")).GetProperty("items").EnumerateArray().Select(p => p.GetProperty("productId").GetString()!)];

    /// <summary>Places an order that must be accepted; returns its id. Told to come back later, it does, with the same key.</summary>
    public async Task<string> PlaceAsync(object basket, string? key = null)
    {
        key ??= Guid.NewGuid().ToString();
        var deadline = DateTime.UtcNow + FinalLimit;
        while (true)
        {
            using var answer = await SendAsync(HttpMethod.Post, "/api/orders", basket, key);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == HttpStatusCode.Accepted)
                return JsonDocument.Parse(text).RootElement.GetProperty("orderId").GetString()!;
            var later = answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests && DateTime.UtcNow < deadline;
            Assert.True(later, $"POST /api/orders: {(int)answer.StatusCode} {text}");
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? Between);
        }
    }

    /// <summary>Waits until the order is shipped or cancelled, and returns it with its details.</summary>
    public async Task<JsonElement> FinalAsync(string orderId, TimeSpan? limit = null)
    {
        var order = await UntilAsync(() => GetAsync($"/api/orders/{orderId}?includeDetails=true"), o => o.GetProperty("status").GetString() is "shipped" or "cancelled", limit);
        return order;
    }

    /// <summary>Sends the same request until it is answered, as a client that saw a broken connection would; 5xx and 429 are no answers.</summary>
    public static async Task<HttpResponseMessage> InsistAsync(Func<Task<HttpResponseMessage>> send, TimeSpan? limit = null)
    {
        var deadline = DateTime.UtcNow + limit;
        while (true)
        {
            try
            {
                var answer = await send();
                if (answer.StatusCode is < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests)
                    return answer;
                answer.Dispose();
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or JsonException)
            {
            }
            Assert.False(DateTime.UtcNow > deadline, "not answered in time");
            await Task.Delay(Between);
        }
    }

    /// <summary>Asks until the answer fits; fails with the last answer at the deadline.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> fits, TimeSpan? limit = null)
    {
        var deadline = DateTime.UtcNow + (limit ?? FinalLimit);
        while (true)
        {
            var answer = await ask();
            if (fits(answer))
                return answer;
            Assert.True(DateTime.UtcNow < deadline, $"not there in time; last: {JsonSerializer.Serialize(answer)}");
            await Task.Delay(Between);
        }
    }

    /// <summary>What was sent to this customer (about one order), newest first, once there is as much as expected.</summary>
    public Task<List<JsonElement>> NotificationsAsync(int count, string? orderId = null) => UntilAsync(
        async () => (await AllAsync("/api/notifications")).FindAll(n => orderId is null || n.GetProperty("orderId").GetString() == orderId),
        sent => sent.Count >= count,
        NotifiedLimit);

    /// <summary>One login serves all who wait for it: many at once would meet the limit of logins.</summary>
    public Task<string> TokenAsync()
    {
        lock (signingIn)
        {
            if (token is null || token.IsFaulted || (token.IsCompleted && DateTime.UtcNow > renewAt))
                token = LogInAsync();
            return token;
        }
    }

    private async Task<string> LogInAsync()
    {
        using var answer = await InsistAsync(() => http.PostAsJsonAsync("/api/auth/login", new { email, password }), FinalLimit);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        renewAt = DateTime.UtcNow + TokenLife;
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    /// <summary>The subject of the access token.</summary>
    public async Task<string> UserIdAsync()
    {
        var payload = (await TokenAsync()).Split('.')[1];
        return JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(payload)).RootElement.GetProperty("sub").GetString()!;
    }

    public async Task<string[]> EventTypesAsync(string orderId) =>
        [.. Items(await GetAsync($"/api/orders/{orderId}/events")).Select(e => e.GetProperty("eventType").GetString()!)];

    private static JsonElement.ArrayEnumerator Items(JsonElement answer) => (answer.ValueKind == JsonValueKind.Array ? answer : answer.GetProperty("items")).EnumerateArray();
}
