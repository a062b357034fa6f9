using System.Net;

namespace Quayside.House.Tests;

/// <summary>Orders over the limit, which wait for an admin.</summary>
public abstract partial class OrderSuite
{
    /// <summary>Over the limit of 100,000 euro.</summary>
    private const int Many = 402;

    [Fact]
    public async Task An_order_over_the_limit_waits_and_ships_once_an_admin_has_approved_it()
    {
        var orderId = await PlaceDearAsync();
        Assert.Equal("pending", (await Demo.GetAsync($"/api/orders/{orderId}")).GetProperty("status").GetString());
        Assert.Contains(await fixture.Admin.AllAsync("/api/admin/sagas"), saga => saga.GetProperty("id").GetString() == orderId);
        var running = (await fixture.Admin.GetAsync("/api/admin/sagas?state=running&limit=200")).GetProperty("items").EnumerateArray();
        Assert.Contains(running, saga => saga.GetProperty("id").GetString() == orderId && saga.GetProperty("step").GetString() == "Approval");

        var key = Guid.NewGuid().ToString();
        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Accepted], [await DecideAsync(orderId, "approve", key), await DecideAsync(orderId, "approve", key)]);

        Assert.Equal("shipped", (await Demo.FinalAsync(orderId)).GetProperty("status").GetString());
        Assert.Single(await Demo.EventTypesAsync(orderId), "order.approved");
        var saga = await Shopper.UntilAsync(() => fixture.Admin.GetAsync($"/api/admin/sagas/{orderId}"), s => s.GetProperty("state").GetString() == "completed");
        Assert.Contains(saga.GetProperty("history").EnumerateArray(), e => e.GetProperty("event").GetString() == "eventRaised");
        await BalancedAsync();
    }

    [Fact]
    public async Task A_rejected_order_is_cancelled_with_the_reason_in_its_history_and_nothing_held()
    {
        var orderId = await PlaceDearAsync();
        Assert.Equal(HttpStatusCode.Accepted, await DecideAsync(orderId, "reject", Guid.NewGuid().ToString(), new { reason = "too dear" }));

        var order = await Demo.FinalAsync(orderId);

        Assert.Equal(("cancelled", "the approval was rejected"), (order.GetProperty("status").GetString(), order.GetProperty("reason").GetString()));
        Assert.Equal(["order.created", "order.approval_requested", "order.rejected", "order.cancelled"], await Demo.EventTypesAsync(orderId));
        var rejected = (await Demo.GetAsync($"/api/orders/{orderId}/events")).GetProperty("items")[2];
        Assert.Equal("too dear", rejected.GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal(rejected.GetProperty("data").GetProperty("by").GetString(), rejected.GetProperty("actor").GetString());
        await BalancedAsync();
    }

    [Fact]
    public async Task Of_two_decisions_at_once_one_stands_and_a_customer_decides_nothing()
    {
        var orderId = await PlaceDearAsync();
        using var own = await Demo.SendAsync(HttpMethod.Post, $"/api/admin/sagas/{orderId}/approve", key: "mine");
        Assert.Equal(HttpStatusCode.Forbidden, own.StatusCode);

        var answers = await Task.WhenAll(DecideAsync(orderId, "approve", Guid.NewGuid().ToString()), DecideAsync(orderId, "reject", Guid.NewGuid().ToString()));

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Conflict], answers.Order());
        Assert.Equal(answers[0] == HttpStatusCode.Accepted ? "shipped" : "cancelled", (await Demo.FinalAsync(orderId)).GetProperty("status").GetString());
        await BalancedAsync();
    }

    [Fact]
    public async Task An_order_that_waits_for_its_approval_can_be_cancelled()
    {
        var orderId = await PlaceDearAsync();
        using var answer = await Demo.SendAsync(HttpMethod.Delete, $"/api/orders/{orderId}");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);

        var order = await Demo.FinalAsync(orderId);

        Assert.Equal(("cancelled", "cancelled by the customer"), (order.GetProperty("status").GetString(), order.GetProperty("reason").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, await DecideAsync(orderId, "approve", Guid.NewGuid().ToString()));
        await BalancedAsync();
    }

    /// <summary>Places an order over the limit and waits until its saga waits.</summary>
    private async Task<string> PlaceDearAsync()
    {
        var orderId = await Demo.PlaceAsync(Shopper.Basket("p-14", Many));
        await Shopper.UntilAsync(() => fixture.Admin.AllAsync("/api/admin/sagas"), sagas => sagas.Exists(saga =>
            saga.GetProperty("id").GetString() == orderId && saga.GetProperty("step").GetString() == "Approval"));
        return orderId;
    }

    private async Task<HttpStatusCode> DecideAsync(string orderId, string action, string key, object? body = null)
    {
        using var answer = await fixture.Admin.SendAsync(HttpMethod.Post, $"/api/admin/sagas/{orderId}/{action}", body, key);
        return answer.StatusCode;
    }
}
