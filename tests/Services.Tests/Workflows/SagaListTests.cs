using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace Quayside.Services.Tests.Workflows;

public sealed class SagaListTests : IAsyncLifetime
{
    private Office office = null!;
    private int pages;

    public async ValueTask InitializeAsync() => office = await Office.OpenAsync("--Sweep:Every=00:00:00.100", "--Sweep:OverdueAfter=00:00:00");

    public ValueTask DisposeAsync() => office.DisposeAsync();

    [Fact]
    public async Task A_saga_tells_kind_state_step_tries_attention_age_and_last_update_and_never_its_input()
    {
        Add("o-1", OrchestrationStatus.Running, """{"step":"RefundChargeActivity","tries":12,"needsAttention":true,"lastFailure":"the bank is down"}""");
        Add("r-1", OrchestrationStatus.Completed, "\"a word\"", "UserRegistration");
        var items = await ItemsAsync("api/admin/sagas");
        var (order, registration) = (items[0], items[1]);
        Assert.Equal(("o-1", "OrderSaga", "running", "RefundChargeActivity", 12, true),
            (Text(order, "id"), Text(order, "kind"), Text(order, "state"), Text(order, "step"), order["tries"]!.GetValue<int>(), order["needsAttention"]!.GetValue<bool>()));
        Assert.Equal("the bank is down", Text(order, "lastFailure"));
        Assert.InRange(order["ageSeconds"]!.GetValue<double>(), 3_590, 3_700);
        Assert.Equal(60, (order["updatedAt"]!.GetValue<DateTimeOffset>() - order["createdAt"]!.GetValue<DateTimeOffset>()).TotalSeconds);
        Assert.Equal(("UserRegistration", "completed"), (Text(registration, "kind"), Text(registration, "state")));
        Assert.Null(registration["step"]);
        var (_, one) = await office.GetAsync("api/admin/sagas/o-1");
        Assert.Equal(["orchestratorStarted", "executionStarted"], one["history"]!.AsArray().Select(e => Text(e!, "event")));
        Assert.All(items.Append(one), item => Assert.DoesNotContain("secret", item.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_follow_each_other_and_read_no_more_than_they_are_asked_for()
    {
        for (var i = 0; i < 7; i++) Add($"o-{i}", i == 5 ? OrchestrationStatus.Failed : OrchestrationStatus.Completed);
        Assert.Equal(7, (await PagesAsync("api/admin/sagas?limit=3")).Count);
        var before = office.House.Sidecar.Engine.Reads;
        await office.GetAsync("api/admin/sagas?limit=3&state=failed");
        Assert.Equal(3, office.House.Sidecar.Engine.Reads - before);
        Assert.Equal("o-5", Text(Assert.Single(await PagesAsync("api/admin/sagas?limit=3&state=failed")), "id"));
    }

    [Theory]
    [InlineData("running", 2)]
    [InlineData("needsAttention", 1)]
    public async Task What_is_not_over_is_looked_for_among_the_open_orders_only(string state, int expected)
    {
        for (var i = 0; i < 50; i++) Add($"old-{i}", OrchestrationStatus.Completed);
        Add(await office.PlaceAsync(), OrchestrationStatus.Running, """{"step":"Approval"}""");
        var stuck = await office.PlaceAsync();
        Add(stuck, OrchestrationStatus.Running, """{"step":"ReleaseItemsActivity","tries":11,"needsAttention":true}""");
        var found = await PagesAsync($"api/admin/sagas?limit=1&state={state}");
        Assert.Equal(expected, found.Count);
        Assert.Contains(found, saga => Text(saga, "id") == stuck);
        Assert.InRange(pages, 2, 3);
    }

    [Fact]
    public async Task The_sweep_starts_what_does_not_run_and_leaves_the_rest()
    {
        var (lost, running) = (await office.PlaceAsync(), await office.PlaceAsync());
        Add(running, OrchestrationStatus.Running);
        await Participants.House.Until(() => Task.FromResult(office.House.Sidecar.Engine.Started.Count(id => id == lost) > 1));
        Assert.True(office.House.Sidecar.Engine.Started.Count(id => id == running) <= 1);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("state=sleeping", "state")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("state=running&cursor=nonsense", "cursor")]
    [InlineData("state=running&cursor=-1.x", "cursor")]
    public async Task A_bad_query_names_its_field(string query, string field)
    {
        var (status, problem) = await office.GetAsync($"api/admin/sagas?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotNull(problem["errors"]![field]);
    }

    [Fact]
    public async Task An_unknown_saga_is_404_and_nothing_can_be_terminated_or_purged()
    {
        Add("o-1", OrchestrationStatus.Running);
        Assert.Equal(HttpStatusCode.NotFound, (await office.GetAsync("api/admin/sagas/o-2")).Status);
        using var terminated = await office.House.SendAsync(HttpMethod.Post, Office.App, "api/admin/sagas/o-1/terminate", "root", "admin", key: "k");
        using var purged = await office.House.SendAsync(HttpMethod.Delete, Office.App, "api/admin/sagas/o-1", "root", "admin", key: "k");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (terminated.StatusCode, purged.StatusCode));
    }

    private void Add(string id, OrchestrationStatus state, string? customStatus = null, string kind = "OrderSaga")
    {
        var created = DateTime.UtcNow.AddHours(-1);
        office.House.Sidecar.Engine.Instances[id] = new WorkflowState
        {
            InstanceId = id, Name = kind, WorkflowStatus = state, Input = "\"secret\"", CustomStatus = customStatus,
            CreatedTimestamp = Timestamp.FromDateTime(created), LastUpdatedTimestamp = Timestamp.FromDateTime(created.AddMinutes(1)),
        };
    }

    private async Task<JsonNode[]> ItemsAsync(string path) => [.. (await office.GetAsync(path)).Body["items"]!.AsArray().OfType<JsonNode>()];

    private async Task<List<JsonNode>> PagesAsync(string path)
    {
        List<JsonNode> all = [];
        string? cursor = null;
        pages = 0;
        do
        {
            pages++;
            var (status, page) = await office.GetAsync(cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}");
            Assert.Equal(HttpStatusCode.OK, status);
            all.AddRange(page["items"]!.AsArray().OfType<JsonNode>());
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        return all;
    }

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
