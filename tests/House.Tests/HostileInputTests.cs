using System.Net;
using System.Text;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>What a stranger may try on POST /api/orders: always a 4xx with problem details naming the field, never a 500, nothing stored.</summary>
public sealed partial class HostileInputTests(KindHouse house) : IClassFixture<KindHouse>
{
    [Theory]
    [InlineData("{", "")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("""{"items":"all"}""", "items")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":-1}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "quantity")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":0}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "quantity")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":2147483648}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "quantity")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":1e99}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "quantity")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":"one"}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "quantity")]
    [InlineData("""{"items":[{"productId":"no-such-product","quantity":1}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "productId")]
    [InlineData("""{"items":[],"payment":{"token":"tok_ok"},"shipTo":SHIPTO}""", "items")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":1}],"shipTo":SHIPTO}""", "payment")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":1}],"payment":{"token":"tok_ok"}}""", "shipTo")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":1}],"payment":{"token":"tok_ok"},"shipTo":SHIPTO,"status":"shipped"}""", "status")]
    [InlineData("""{"items":[{"productId":"PRODUCT","quantity":1}],"payment":{"token":7},"shipTo":SHIPTO}""", "token")]
    public async Task A_bad_order_is_refused_naming_the_field(string body, string field)
    {
        var product = (await house.Demo.ProductsAsync())[0];
        body = body.Replace("PRODUCT", product, StringComparison.Ordinal)
            .Replace("SHIPTO", """{"name":"Ada","street":"Quay 1","city":"Berlin","postcode":"10115","country":"DE"}""", StringComparison.Ordinal);
        var before = await CountAsync();

        using var answer = await house.Demo.SendAsync(HttpMethod.Post, "/api/orders", new StringContent(body, Encoding.UTF8, "application/json"), Guid.NewGuid().ToString());

        var problem = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode} {problem}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(field, problem, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task An_order_without_a_key_is_400()
    {
        using var answer = await house.Demo.SendAsync(HttpMethod.Post, "/api/orders", Shopper.Basket((await house.Demo.ProductsAsync())[0]));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Idempotency-Key", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_megabytes_are_413()
    {
        using var answer = await house.Demo.SendAsync(HttpMethod.Post, "/api/orders", new ByteArrayContent(new byte[10 << 20]), Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Another_users_order_cannot_be_seen_or_cancelled()
    {
        var orderId = await house.Admin.PlaceAsync(Shopper.Basket((await house.Demo.ProductsAsync())[0]));
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/events"), (HttpMethod.Get, "/stream"), (HttpMethod.Delete, "") })
        {
            using var answer = await house.Demo.SendAsync(method, $"/api/orders/{orderId}{path}");
            Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden, $"{method} {path}: {(int)answer.StatusCode}");
        }
        await house.Admin.FinalAsync(orderId);
    }

    [Theory]
    [InlineData("/api/admin/books")]
    [InlineData("/api/admin/sagas")]
    [InlineData("/api/admin/stock")]
    [InlineData("/api/admin/parked/notification-service")]
    public async Task Admin_routes_are_closed_to_users_and_strangers(string path)
    {
        using var user = await house.Demo.SendAsync(HttpMethod.Get, path);
        using var stranger = await house.House.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.Forbidden, user.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    private async Task<int> CountAsync() => (await house.Demo.GetAsync("/api/orders")).GetProperty("items").GetArrayLength();
}
