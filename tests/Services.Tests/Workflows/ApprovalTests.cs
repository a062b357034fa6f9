using System.Net;
using System.Net.Http.Json;
using Quayside.Contracts.Orders;

namespace Quayside.Services.Tests.Workflows;

public sealed class ApprovalTests : IAsyncLifetime
{
    private Office office = null!;

    public async ValueTask InitializeAsync() => office = await Office.OpenAsync();

    public ValueTask DisposeAsync() => office.DisposeAsync();

    [Fact]
    public async Task An_approval_is_in_the_history_with_its_admin_once_however_often_it_is_sent()
    {
        var id = await office.PlaceAsync();
        var first = await office.DecideAsync(id, "approve", "k");
        var again = await office.DecideAsync(id, "approve", "k");
        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.Equal((first.Status, first.Body.ToJsonString()), (again.Status, again.Body.ToJsonString()));
        Assert.Equal("approved", first.Body["decision"]!.GetValue<string>());
        Assert.Equal([OrderEvents.Created, OrderEvents.ApprovalRequested, OrderEvents.Approved], await TypesAsync(id));
        var approved = (await office.HistoryAsync(id))[^1]!;
        Assert.Equal(("root", "root"), (approved["actor"]!.GetValue<string>(), approved["data"]!["by"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_rejection_keeps_the_admins_reason_in_the_history_and_cancels_with_its_own()
    {
        var id = await office.PlaceAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await office.DecideAsync(id, "reject", "k", body: new { reason = "too dear" })).Status);
        var rejected = (await office.HistoryAsync(id))[^1]!;
        Assert.Equal((OrderEvents.Rejected, "root", "too dear"),
            (rejected["eventType"]!.GetValue<string>(), rejected["actor"]!.GetValue<string>(), rejected["data"]!["reason"]!.GetValue<string>()));
        var asked = await office.House.PostAsync<AskOrder, AskOrderResult>("order-service", "internal/orders/ask", new(id, OrderStep.ReserveItems));
        Assert.Equal(OrderReasons.ApprovalRejected, asked.Order!.StopReason);
    }

    [Fact]
    public async Task A_rejection_needs_no_reason_but_not_any_reason_will_do()
    {
        var id = await office.PlaceAsync();
        foreach (var reason in new[] { new string('x', 501), "two\nlines" })
        {
            var (status, problem) = await office.DecideAsync(id, "reject", "k", body: new { reason });
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.NotNull(problem["errors"]!["reason"]);
        }
        Assert.Equal(HttpStatusCode.Accepted, (await office.DecideAsync(id, "reject", "k")).Status);
    }

    [Theory]
    [InlineData("approve", null)]
    [InlineData("reject", " ")]
    [InlineData("reject", "x", 201)]
    public async Task Without_a_good_key_nothing_is_decided_and_the_header_is_named(string action, string? key, int times = 1)
    {
        var id = await office.PlaceAsync();
        var (status, problem) = await office.DecideAsync(id, action, key is null ? null : string.Concat(Enumerable.Repeat(key, times)));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotNull(problem["errors"]!["Idempotency-Key"]);
        Assert.Equal([OrderEvents.Created, OrderEvents.ApprovalRequested], await TypesAsync(id));
    }

    [Fact]
    public async Task A_key_means_one_action_on_one_order_and_each_admin_has_his_own()
    {
        var (one, other) = (await office.PlaceAsync(), await office.PlaceAsync());
        await office.DecideAsync(one, "approve", "k");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await office.DecideAsync(one, "reject", "k")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await office.DecideAsync(other, "approve", "k")).Status);
        Assert.Equal([OrderEvents.Created, OrderEvents.ApprovalRequested], await TypesAsync(other));
        Assert.Equal(HttpStatusCode.Accepted, (await office.DecideAsync(other, "approve", "k", by: "second")).Status);
    }

    [Fact]
    public async Task Of_two_admins_at_once_one_decides_and_the_other_hears_why_not()
    {
        for (var round = 0; round < 10; round++)
        {
            var id = await office.PlaceAsync();
            string[] actions = round % 2 == 0 ? ["approve", "reject"] : ["approve", "approve"];
            var answers = await Task.WhenAll(office.DecideAsync(id, actions[0], $"a{round}", by: "root"), office.DecideAsync(id, actions[1], $"b{round}", by: "second"));
            Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Conflict], answers.Select(answer => answer.Status).Order());
            Assert.Contains("no approval is awaited", answers.Single(answer => answer.Status == HttpStatusCode.Conflict).Body["detail"]!.GetValue<string>(), StringComparison.Ordinal);
            var decision = Assert.Single(await office.HistoryAsync(id), e => e!["eventType"]!.GetValue<string>() is OrderEvents.Approved or OrderEvents.Rejected)!;
            Assert.Equal(answers[0].Status == HttpStatusCode.Accepted ? "root" : "second", decision["actor"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task What_awaits_no_approval_says_so_again_and_again_and_an_unknown_order_is_unknown()
    {
        var small = await office.PlaceAsync(pieces: 1);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var (status, problem) = await office.DecideAsync(small, "approve", "k");
            Assert.Equal((HttpStatusCode.Conflict, "no approval is awaited"), (status, problem["detail"]!.GetValue<string>()));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await office.DecideAsync("nothing", "approve", "l")).Status);
    }

    [Fact]
    public async Task Who_has_asked_to_cancel_is_not_approved_any_more()
    {
        var id = await office.PlaceAsync();
        (await office.House.SendAsync(HttpMethod.Delete, "order-service", $"api/orders/{id}", "ada")).Dispose();
        var (status, problem) = await office.DecideAsync(id, "approve", "k");
        Assert.Equal((HttpStatusCode.Conflict, OrderReasons.CustomerCancelled), (status, problem["detail"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_customer_decides_nothing_and_the_order_takes_no_decision_from_outside()
    {
        var id = await office.PlaceAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await office.DecideAsync(id, "approve", "k", by: "ada", role: "user")).Status);
        using var http = new HttpClient();
        using var approval = office.House.StrangersRequest(HttpMethod.Post, "order-service", "internal/orders/approve");
        approval.Headers.Authorization = new("Bearer", office.House.Tokens.Mint("root", "admin"));
        approval.Content = JsonContent.Create(new ApproveOrder(id, "c", "root"));
        using var direct = await http.SendAsync(approval);
        Assert.Equal(HttpStatusCode.Unauthorized, direct.StatusCode);
        Assert.Equal([OrderEvents.Created, OrderEvents.ApprovalRequested], await TypesAsync(id));
    }

    private async Task<string[]> TypesAsync(string id) => [.. (await office.HistoryAsync(id)).Select(e => e!["eventType"]!.GetValue<string>())];
}
