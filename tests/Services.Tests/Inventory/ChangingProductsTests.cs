using System.Net;
using System.Text;
using System.Text.Json;
using Quayside.Contracts.Inventory;
using Quayside.Inventory;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Inventory;

/// <summary>PATCH /api/admin/products/{productId}.</summary>
public sealed class ChangingProductsTests : IAsyncLifetime
{
    private const string Cheaper = """{"price":{"amount":990,"currency":"EUR"}}""";

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private House house = null!;

    public async ValueTask InitializeAsync() => house = await House.StartAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await house.DisposeAsync();
    }

    [Fact]
    public async Task An_admin_changes_a_price_and_who_reads_the_product_sees_it_with_its_new_ETag()
    {
        using var before = await GetAsync("p-01");
        using var changed = await PatchAsync("p-01", Cheaper, before.Headers.ETag!.Tag);
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (changed.StatusCode, changed.Headers.ETag?.Tag));
        using var after = await GetAsync("p-01");
        Assert.Equal(("\"2\"", 990, "Enamel mug", 10_000), (after.Headers.ETag!.Tag, (await JsonAsync(after)).GetProperty("price").GetProperty("amount").GetInt64(),
            (await JsonAsync(after)).GetProperty("name").GetString(), (await JsonAsync(after)).GetProperty("available").GetInt64()));
        Assert.Equal((990, 2), await PriceAsync("inventory-service"));
        using var renamed = await PatchAsync("p-01", """{"name":" Mug "}""", "*");
        Assert.Equal(("Mug", 990), ((await JsonAsync(renamed)).GetProperty("name").GetString(), (await JsonAsync(renamed)).GetProperty("price").GetProperty("amount").GetInt64()));
    }

    [Fact]
    public async Task Another_replica_has_the_price_at_once_for_orders_and_for_readers_when_it_hears()
    {
        await house.RunAsync([], ["other-replica"], InventoryApp.Create);
        await House.Until(async () => (await GetAsync("p-01", "other-replica")).IsSuccessStatusCode);
        using var changed = await PatchAsync("p-01", Cheaper, "\"1\"");
        Assert.Equal("\"1\"", (await GetAsync("p-01", "other-replica")).Headers.ETag?.Tag);
        Assert.Equal((990, 2), await PriceAsync("other-replica"));

        var told = Assert.Single(house.Sidecar.Published);
        Assert.Equal(("broadcast", "cache-invalidations", "600"), (told.PubsubName, told.Topic, told.Metadata["ttlInSeconds"]));
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync("other-replica", "events/cache-invalidations", JsonSerializer.Deserialize<JsonElement>(told.Data.Span)));
        Assert.Equal("\"2\"", (await GetAsync("p-01", "other-replica")).Headers.ETag?.Tag);
    }

    [Fact]
    public async Task Of_eight_changes_on_one_version_one_is_made()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => PatchAsync("p-02", Cheaper.Replace("990", $"{i}", StringComparison.Ordinal), "\"1\"")));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer =>
            Assert.Equal((HttpStatusCode.PreconditionFailed, "\"2\""), (answer.StatusCode, answer.Headers.ETag?.Tag)));
    }

    [Theory]
    [InlineData("W/\"1\"")]
    [InlineData("\"0\"")]
    [InlineData("1")]
    [InlineData("nonsense \"")]
    public async Task A_condition_that_does_not_hold_is_412(string ifMatch)
    {
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PatchAsync("p-01", Cheaper, ifMatch)).StatusCode);
        Assert.Equal((1_290, 1), await PriceAsync("inventory-service"));
    }

    [Fact]
    public async Task Without_a_condition_it_is_428_without_a_key_400_and_an_unknown_product_is_404()
    {
        Assert.Equal(HttpStatusCode.PreconditionRequired, (await PatchAsync("p-01", Cheaper, ifMatch: null)).StatusCode);
        using var keyless = await PatchAsync("p-01", Cheaper, "\"1\"", key: "");
        Assert.Equal(HttpStatusCode.BadRequest, keyless.StatusCode);
        Assert.True((await JsonAsync(keyless)).GetProperty("errors").TryGetProperty("Idempotency-Key", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await PatchAsync("p-99", Cheaper, "\"1\"")).StatusCode);
        Assert.Equal((1_290, 1), await PriceAsync("inventory-service"));
    }

    [Fact]
    public async Task A_repetition_gets_the_answer_of_the_first_time_and_another_change_under_its_key_422()
    {
        using var first = await PatchAsync("p-01", Cheaper, "\"1\"", "key");
        await PatchAsync("p-01", """{"name":"Mug"}""", "\"2\"");
        using var again = await PatchAsync("p-01", Cheaper, "\"1\"", "key");
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (again.StatusCode, again.Headers.ETag?.Tag));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PatchAsync("p-01", """{"name":"Cup"}""", "\"3\"", "key")).StatusCode);
        Assert.Equal((990, 3), await PriceAsync("inventory-service"));
        Assert.Contains("\"by\":\"boss\"", house.Sidecar.Documents["inventory-store/product-p-01"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_whose_answer_was_lost_is_made_once_and_told_by_its_repetition()
    {
        house.Sidecar.AfterWrite = item => item.Key == "product-p-01" ? throw new LocalDapr.Protocol.Grpc.RpcException(LocalDapr.Protocol.Grpc.StatusCode.Unavailable, "lost") : Task.CompletedTask;
        Assert.Equal(HttpStatusCode.InternalServerError, (await PatchAsync("p-01", Cheaper, "\"1\"", "key")).StatusCode);
        Assert.Empty(house.Sidecar.Published);
        house.Sidecar.AfterWrite = _ => Task.CompletedTask;
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync("p-01", Cheaper, "\"1\"", "key")).StatusCode);
        Assert.Equal((990, 2), await PriceAsync("inventory-service"));
        Assert.Single(house.Sidecar.Published);
    }

    [Theory]
    [InlineData("{}", "$")]
    [InlineData("[]", "$")]
    [InlineData("""{"price":12}""", "price")]
    [InlineData("""{"price":null}""", "price")]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"a\u0000b"}""", "name")]
    [InlineData("""{"price":{"amount":0,"currency":"EUR"}}""", "price.amount")]
    [InlineData("""{"price":{"amount":-1,"currency":"EUR"}}""", "price.amount")]
    [InlineData("""{"price":{"amount":1000000001,"currency":"EUR"}}""", "price.amount")]
    [InlineData("""{"price":{"amount":9.5,"currency":"EUR"}}""", "price.amount")]
    [InlineData("""{"price":{"amount":100,"currency":"USD"}}""", "price.currency")]
    [InlineData("""{"price":{"amount":100}}""", "price.currency")]
    [InlineData("""{"version":7}""", "version")]
    [InlineData("""{"stock":7,"name":"Mug"}""", "stock")]
    public async Task A_bad_field_is_named_and_nothing_changes(string body, string field)
    {
        using var answer = await PatchAsync("p-01", body, "\"1\"");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await JsonAsync(answer)).GetProperty("errors").TryGetProperty(field, out _), await answer.Content.ReadAsStringAsync());
        Assert.Equal((1_290, 1), await PriceAsync("inventory-service"));
    }

    [Fact]
    public async Task Nobody_but_an_admin_gets_in()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await PatchAsync("p-01", Cheaper, "\"1\"", token: "")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PatchAsync("p-01", Cheaper, "\"1\"", token: house.Tokens.Mint("demo"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PatchAsync("p-01", Cheaper, "\"1\"", token: house.Tokens.Tampered())).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PatchAsync("p-01", Cheaper, "\"1\"", token: house.Tokens.Unsigned())).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PatchAsync("p-01", Cheaper, "\"1\"", token: house.Tokens.Mint("boss", "admin", age: TimeSpan.FromHours(1)))).StatusCode);
        using var sidecar = Request("p-01", Cheaper, "\"1\"", "key");
        sidecar.Headers.Add("dapr-api-token", StandInSidecar.AppToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(sidecar)).StatusCode);
        Assert.Equal((1_290, 1), await PriceAsync("inventory-service"));
    }

    [Fact]
    public async Task Only_the_sidecar_tells_of_invalidations_and_what_is_none_is_acknowledged()
    {
        foreach (var token in new[] { null, house.Tokens.Mint("boss", "admin") })
        {
            using var request = house.StrangersRequest(HttpMethod.Post, "inventory-service", "/events/cache-invalidations");
            request.Content = new StringContent("""{"key":"product:p-01","version":9,"at":1}""", Encoding.UTF8, "application/json");
            if (token is not null) request.Headers.Authorization = new("Bearer", token);
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(request)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync("inventory-service", "events/cache-invalidations", new { key = 7 }));
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync("inventory-service", "events/cache-invalidations", new string('x', 20_000)));
    }

    [Fact]
    public async Task Names_of_products_that_there_are_not_reach_no_store()
    {
        var prices = await house.PostAsync<PriceProducts, ProductPrices>("inventory-service", "internal/products/prices", new(["p-01", "p||1", new string('p', 64)]));
        Assert.Equal("p-01", Assert.Single(prices.Products).ProductId);
    }

    private Task<HttpResponseMessage> GetAsync(string productId, string app = "inventory-service") =>
        http.SendAsync(house.Request(HttpMethod.Get, app, $"/api/products/{productId}"));

    private async Task<(long Amount, long Version)> PriceAsync(string app)
    {
        var price = Assert.Single((await house.PostAsync<PriceProducts, ProductPrices>(app, "internal/products/prices", new(["p-01"]))).Products);
        return (price.Price.Amount, price.Version);
    }

    private async Task<HttpResponseMessage> PatchAsync(string productId, string body, string? ifMatch, string? key = null, string? token = null)
    {
        using var request = Request(productId, body, ifMatch, key ?? Guid.NewGuid().ToString());
        if (token is not "") request.Headers.Authorization = new("Bearer", token ?? house.Tokens.Mint("boss", "admin"));
        return await http.SendAsync(request);
    }

    private HttpRequestMessage Request(string productId, string body, string? ifMatch, string key)
    {
        var request = house.Request(HttpMethod.Patch, "inventory-service", $"/api/admin/products/{productId}");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (key.Length > 0) request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
