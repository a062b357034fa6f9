using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapr.Client;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.Notifications;
using Quayside.ServiceDefaults.Parking;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.ServiceDefaults;

/// <summary>The parking lot of one app that has one: what an admin does to it.</summary>
public sealed class ParkingTests : IAsyncLifetime
{
    private const string App = "notification-service";
    private House house = null!;

    public async ValueTask InitializeAsync()
    {
        house = await House.EmptyAsync();
        await house.RunAsync([], [App], NotificationsApp.Create);
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    [Fact]
    public async Task An_action_leaves_its_admin_its_time_and_its_key()
    {
        var (one, two) = (await ParkAsync(), await ParkAsync());
        Assert.Equal(HttpStatusCode.NoContent, await ActAsync(HttpMethod.Post, $"{one}/replay", "k1"));
        Assert.Equal(HttpStatusCode.NoContent, await ActAsync(HttpMethod.Delete, two, "k2", "second"));
        var page = await PageAsync();
        Assert.Empty(page.Items);
        Assert.Equal([("drop", two, "something.else", "second", "k2"), ("replay", one, "something.else", "root", "k1")],
            page.Actions.Select(a => (a.Action, a.EventId, a.EventType, a.By, a.Key)));
        Assert.All(page.Actions, action => Assert.InRange(action.At, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task The_same_key_gets_the_same_answer_and_no_second_entry()
    {
        var id = await ParkAsync();
        for (var repeat = 0; repeat < 3; repeat++) Assert.Equal(HttpStatusCode.NoContent, await ActAsync(HttpMethod.Delete, id, "k"));
        Assert.Single((await PageAsync()).Actions);
        Assert.Equal(HttpStatusCode.NotFound, await ActAsync(HttpMethod.Delete, id, "another key"));
    }

    [Fact]
    public async Task A_key_means_one_action_on_one_event()
    {
        var (one, two) = (await ParkAsync(), await ParkAsync());
        await ActAsync(HttpMethod.Delete, one, "k");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await ActAsync(HttpMethod.Delete, two, "k"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await ActAsync(HttpMethod.Post, $"{one}/replay", "k"));
        Assert.Equal(two, Assert.Single((await PageAsync()).Items).EventId);
        Assert.Equal(HttpStatusCode.NoContent, await ActAsync(HttpMethod.Delete, two, "k", "second"));
    }

    [Fact]
    public async Task Without_a_key_nothing_happens()
    {
        var id = await ParkAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await ActAsync(HttpMethod.Delete, id, null));
        Assert.Equal(HttpStatusCode.BadRequest, await ActAsync(HttpMethod.Post, $"{id}/replay", null));
        Assert.Single((await PageAsync()).Items);
    }

    [Fact]
    public async Task A_replay_that_fails_leaves_the_event_and_no_entry()
    {
        var id = await ParkAsync(OrderEvents.Created);
        Assert.Equal(HttpStatusCode.InternalServerError, await ActAsync(HttpMethod.Post, $"{id}/replay", "k"));
        var page = await PageAsync();
        Assert.Equal((1, 0), (page.Items.Count, page.Actions.Count));
    }

    [Fact]
    public async Task A_document_of_the_time_before_actions_were_kept_is_read()
    {
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint(house.Sidecar.GrpcEndpoint).Build();
        var old = """[{"eventId":"e1","eventType":"order.created","parkedAt":"2026-01-02T03:04:05+00:00","event":{"a":1}}]""";
        await dapr.SaveByteStateAsync("notifications-store", "parked-events", Encoding.UTF8.GetBytes(old));
        Assert.Equal("e1", Assert.Single((await PageAsync()).Items).EventId);
        Assert.Equal(HttpStatusCode.NoContent, await ActAsync(HttpMethod.Delete, "e1", "k"));
        Assert.Equal("e1", Assert.Single((await PageAsync()).Actions).EventId);
    }

    [Fact]
    public void Of_the_actions_the_last_200_stay()
    {
        var document = ParkingDocument.Empty;
        for (var i = 0; i < 205; i++) document = document.Remove(new("drop", $"e{i}", "t", "root", DateTimeOffset.UnixEpoch, $"k{i}"));
        Assert.Equal((200, "e5", "e204"), (document.Actions.Count, document.Actions[0].EventId, document.Actions[^1].EventId));
    }

    /// <summary>Parks an event; one of an unknown type is handled by doing nothing, a created order needs Users, who is not here.</summary>
    private async Task<string> ParkAsync(string type = "something.else")
    {
        var id = Guid.NewGuid();
        var created = new OrderEvent.Created("o1", "ada", DateTimeOffset.UnixEpoch, [new("p-01", "Mug", 1, Money.Euro(100))], Money.Euro(100));
        var happened = new EventEnvelope(id, "o1", type, 1, JsonSerializer.SerializeToElement(created, JsonSerializerOptions.Web), new(), DateTimeOffset.UnixEpoch, 1);
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/dead", happened));
        return id.ToString();
    }

    private async Task<HttpStatusCode> ActAsync(HttpMethod method, string path, string? key, string by = "root")
    {
        using var answer = await house.SendAsync(method, App, $"api/admin/parked/{App}/{path}", by, "admin", key);
        return answer.StatusCode;
    }

    private async Task<ParkedPage> PageAsync()
    {
        using var answer = await house.SendAsync(HttpMethod.Get, App, $"api/admin/parked/{App}", "root", "admin");
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ParkedPage>())!;
    }
}
