using System.Net;
using Quayside.Contracts.Orders;
using Quayside.Orders.Commands;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqlitePlacingOrdersTests() : PlacingOrdersTests(null);

public sealed class PostgresPlacingOrdersTests(PostgresServer server) : PlacingOrdersTests(server);

public abstract class PlacingOrdersTests(PostgresServer? server) : IAsyncLifetime
{
    private OrdersHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OrdersHost.StartAsync(server);

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? default;

    [Fact]
    public async Task A_placed_order_is_there_at_once_with_its_price_and_lines()
    {
        using var ada = _host.As("ada");
        using var answer = await ada.PlaceAsync("key-1", Body("""[{"productId":"p-1","quantity":2},{"productId":"p-2","quantity":3}]"""));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var placed = await answer.JsonAsync();
        Assert.Equal("pending", placed["status"]!.GetValue<string>());
        Assert.Equal($"/api/orders/{placed["orderId"]}", answer.Headers.Location!.ToString());

        var order = await ada.GetJsonAsync($"{answer.Headers.Location}?includeDetails=true");
        Assert.Equal(2 * 1_250 + 3 * 99, order["total"]!["amount"]!.GetValue<long>());
        Assert.Equal("EUR", order["total"]!["currency"]!.GetValue<string>());
        Assert.Equal(["p-1", "p-2"], order["lines"]!.AsArray().Select(line => line!["productId"]!.GetValue<string>()));
        Assert.Equal(OrderEvents.Created, order["timeline"]![0]!["event"]!.GetValue<string>());
        var brief = await ada.GetJsonAsync($"/api/orders/{placed["orderId"]}");
        Assert.Null(brief["lines"]);
        Assert.Null(brief["userId"]);
        Assert.Equal("pending", brief["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Twenty_concurrent_identical_posts_make_one_order()
    {
        using var ada = _host.As("ada");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ada.PlaceAsync("same", Body())));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        var ids = (await Task.WhenAll(answers.Select(answer => answer.JsonAsync()))).Select(json => json["orderId"]!.GetValue<string>()).Distinct();
        var history = await ada.GetJsonAsync($"/api/orders/{Assert.Single(ids)}/events");
        Assert.Single(history["items"]!.AsArray());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_422_also_when_both_come_at_once()
    {
        using var ada = _host.As("ada");
        await ada.PlacedAsync("key");
        using var other = await ada.PlaceAsync("key", Body(token: "tok_declined"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal("application/problem+json", other.Content.Headers.ContentType!.MediaType);

        var racing = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => ada.PlaceAsync("race", Body($$"""[{"productId":"p-1","quantity":{{i}}}]"""))));
        Assert.Single(racing, answer => answer.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(9, racing.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task Spacing_and_order_of_fields_do_not_make_another_body()
    {
        using var ada = _host.As("ada");
        var first = await ada.PlacedAsync("key");
        var second = await ada.PlacedAsync("key", $$"""{ "shipTo": {{ShipTo}}, "payment": {"token":"tok_ok"}, "items":[ {"quantity":2, "productId":"p-1"} ] }""");
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Another_user_with_the_same_key_gets_an_order_of_his_own()
    {
        using var ada = _host.As("ada");
        using var bob = _host.As("bob");
        Assert.NotEqual(await ada.PlacedAsync("key"), await bob.PlacedAsync("key"));
    }

    [Fact]
    public async Task The_id_is_the_UUIDv5_of_user_and_key() =>
        // python: uuid.uuid5(uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "python.org")
        Assert.Equal("886313e1-3b8a-5372-9b90-0c9aee199e5d", await Task.FromResult(OrderIds.From("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "python.org")));

    [Fact]
    public async Task A_repeated_request_is_answered_while_the_neighbours_are_down_and_after_a_restart()
    {
        using var ada = _host.As("ada");
        var placed = await ada.PlacedAsync("key");
        _host.Neighbours.Down = true;
        await _host.RestartAsync();
        using var again = _host.As("ada");
        Assert.Equal(placed, await again.PlacedAsync("key"));
        using var fresh = await again.PlaceAsync("new key", Body());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, fresh.StatusCode);
        Assert.NotNull(fresh.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_user_that_does_not_exist_is_404()
    {
        using var ghost = _host.As("ghost");
        using var answer = await ghost.PlaceAsync("key", Body());
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("""[]""", "items")]
    [InlineData("""[null]""", "items[0]")]
    [InlineData("""[{"productId":"p-1","quantity":0}]""", "items[0].quantity")]
    [InlineData("""[{"productId":"p-1","quantity":-1}]""", "items[0].quantity")]
    [InlineData("""[{"productId":"p-1","quantity":1001}]""", "items[0].quantity")]
    [InlineData("""[{"productId":"p-1","quantity":99999999999999}]""", "items[0].quantity")]
    [InlineData("""[{"productId":"p-1","quantity":"2"}]""", "items[0].quantity")]
    [InlineData("""[{"productId":"p-1","quantity":1},{"productId":"p-1","quantity":2}]""", "items[1].productId")]
    [InlineData("""[{"productId":"","quantity":1}]""", "items[0].productId")]
    [InlineData("""[{"productId":"p-1","quantity":1},{"productId":"nothing","quantity":1}]""", "items[1].productId")]
    [InlineData("""[{"productId":"yacht","quantity":1000}]""", "items[0].quantity")]
    [InlineData("""[{"productId":"p-1","quantity":1,"price":1}]""", "items[0].price")]
    public async Task Bad_items_are_400_naming_the_field_and_store_nothing(string items, string field)
    {
        using var ada = _host.As("ada");
        using var answer = await ada.PlaceAsync("key", Body(items));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.JsonAsync())["errors"]!.AsObject().ContainsKey(field), await answer.Content.ReadAsStringAsync());
        using var unknown = await ada.GetAsync($"/api/orders/{OrderIds.From("ada", "key")}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Fifty_one_lines_are_too_many_and_blank_addresses_are_named()
    {
        using var ada = _host.As("ada");
        using var many = await ada.PlaceAsync("key", Body($"[{string.Join(",", Enumerable.Range(0, 51).Select(i => $$"""{"productId":"p-{{i}}","quantity":1}"""))}]"));
        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);
        using var blank = await ada.PlaceAsync("key", Body().Replace("London", " ", StringComparison.Ordinal));
        Assert.True((await blank.JsonAsync())["errors"]!.AsObject().ContainsKey("shipTo.city"));
    }

    [Fact]
    public async Task Without_a_key_it_is_400_and_without_a_token_401()
    {
        using var ada = _host.As("ada");
        using var keyless = await ada.PlaceAsync(null, Body());
        Assert.Equal(HttpStatusCode.BadRequest, keyless.StatusCode);
        Assert.True((await keyless.JsonAsync())["errors"]!.AsObject().ContainsKey("Idempotency-Key"));
        using var nobody = _host.Anonymous();
        using var refused = await nobody.PlaceAsync("key", Body());
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Token_and_address_are_nowhere_in_the_databases_nor_in_what_is_published()
    {
        using var ada = _host.As("ada");
        var orderId = await ada.PlacedAsync("key", Body(token: "tok_very_private"));
        await UntilAsync(() => !_host.Published.IsEmpty);
        var published = System.Text.Encoding.UTF8.GetString(EventSourcing.Envelope.ToJson(_host.Published.First()));
        Assert.Contains(orderId, published);
        Assert.DoesNotContain("tok_very_private", published);
        Assert.DoesNotContain("Secret Lane", published);

        var stored = await _host.StoredAsync();
        Assert.Contains(orderId, stored);
        Assert.DoesNotContain("tok_very_private", stored);
        Assert.DoesNotContain("Secret Lane", stored);
    }

    [Fact]
    public async Task Prices_and_users_are_asked_for_once_while_cached()
    {
        using var ada = _host.As("ada");
        await ada.PlacedAsync("one");
        var asked = _host.Neighbours.Calls;
        await ada.PlacedAsync("two");
        Assert.Equal(2, asked);
        Assert.Equal(asked, _host.Neighbours.Calls);
    }
}
