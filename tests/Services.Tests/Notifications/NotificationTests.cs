using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LocalDapr.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Quayside.Contracts;
using Quayside.Contracts.Notifications;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Users;
using Quayside.Notifications;
using Quayside.Notifications.Inbox;
using Quayside.ServiceDefaults.Parking;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Notifications;

public sealed class NotificationTests
{
    private const string App = "notification-service";
    private readonly ConcurrentDictionary<string, bool> gone = new();
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_order_is_confirmed_by_mail_and_in_the_inbox()
    {
        await using var house = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/orders/notices", Created("o1")));
        var mail = Assert.Single(house.Sidecar.Bindings);
        Assert.Equal(("email", "create"), (mail.Name, mail.Operation));
        Assert.Contains("To: ada@quayside.test", mail.Data.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Contains("2 x Enamel mug", mail.Data.ToStringUtf8(), StringComparison.Ordinal);
        var notification = Assert.Single(await InboxAsync(house, "ada"));
        Assert.Equal(("confirmation", "o1"), (notification.Kind, notification.OrderId));
        Assert.Equal($"{notification.Id}.eml", mail.Metadata["fileName"]);
    }

    [Fact]
    public async Task As_HTML_a_mail_is_its_body_alone_and_a_script_in_it_is_inert()
    {
        await using var house = await StartAsync("--Mail:Format=Html");
        await house.DeliverAsync(App, "events/orders/notices", Created("o1", user: "<script>alert('Ada')</script>\r\nBcc: all"));
        Assert.Equal("""
            <p>Dear &lt;script&gt;alert(&#x27;Ada&#x27;)&lt;/script&gt; Bcc: all,</p>
            <p>thank you for your order over 25.80 EUR:</p>
            <p>  2 x Enamel mug<br>
              1 x Rope &amp; &lt;b&gt;anchor&lt;/b&gt;</p>

            """, Assert.Single(house.Sidecar.Bindings).Data.ToStringUtf8());
    }

    [Theory]
    [InlineData("Fax")]
    [InlineData("7")]
    public async Task A_format_that_is_none_ends_the_start(string format)
    {
        await using var house = await House.EmptyAsync();
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => house.RunAsync([$"--Mail:Format={format}"], [App], NotificationsApp.Create));
        Assert.Contains("Mail:Format", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_delivered_again_overwrites_its_mail_and_shows_once()
    {
        await using var house = await StartAsync();
        var created = Created("o1");
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.DeliverAsync(App, "events/orders/notices", created)));
        Assert.Single(house.Sidecar.Bindings.Select(mail => mail.Metadata["fileName"]).Distinct());
        Assert.Single(await InboxAsync(house, "ada"));
    }

    [Fact]
    public async Task A_failed_mail_is_told_to_the_broker_and_the_retry_sends_it()
    {
        await using var house = await StartAsync();
        house.Sidecar.BeforeBinding = _ => throw new InvalidOperationException("no mail server");
        var created = Created("o1");
        Assert.Equal(HttpStatusCode.InternalServerError, await house.DeliverAsync(App, "events/orders/notices", created));
        Assert.Empty(await InboxAsync(house, "ada"));
        house.Sidecar.BeforeBinding = _ => Task.CompletedTask;
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/orders/notices", created));
        Assert.Single(await InboxAsync(house, "ada"));
    }

    [Fact]
    public async Task The_inbox_is_the_callers_own_and_newest_first_whatever_the_order_of_delivery()
    {
        await using var house = await StartAsync();
        await house.DeliverAsync(App, "events/orders/notices", Shipped("o1", minute: 2));
        await house.DeliverAsync(App, "events/orders/notices", Created("o1"));
        await house.DeliverAsync(App, "events/orders/notices", Cancelled("o2", minute: 1));
        Assert.Equal(["shipped", "cancelled", "confirmation"], (await InboxAsync(house, "ada")).Select(one => one.Kind));
        Assert.Empty(await InboxAsync(house, "bob"));
        using var anonymous = await new HttpClient().SendAsync(house.Request(HttpMethod.Get, App, "api/notifications"));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    [Fact]
    public async Task Pages_of_the_inbox_follow_each_other()
    {
        await using var house = await StartAsync();
        for (var order = 0; order < 5; order++) await house.DeliverAsync(App, "events/orders/notices", Created($"o{order}", minute: order));
        var first = await PageAsync(house, "ada", "?limit=2");
        var second = await PageAsync(house, "ada", $"?limit=3&cursor={first.NextCursor}");
        Assert.Equal(["o4", "o3", "o2", "o1", "o0"], first.Items.Concat(second.Items).Select(one => one.OrderId));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public async Task Other_events_are_acknowledged_and_send_nothing()
    {
        await using var house = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/orders/other", Created("o1")));
        Assert.Empty(house.Sidecar.Bindings);
    }

    [Fact]
    public async Task A_new_user_is_welcomed_at_the_address_that_Users_knows_and_a_line_break_in_it_makes_no_header()
    {
        await using var house = await StartAsync();
        const string Ada = "ada\r\nBcc: all";
        await house.DeliverAsync(App, "internal/notifications/welcome", new SendWelcome("r1", Ada));
        var mail = Assert.Single(house.Sidecar.Bindings);
        Assert.Equal(("r1.eml", $"{Ada}@quayside.test"), (mail.Metadata["fileName"], mail.Metadata["emailTo"]));
        Assert.DoesNotContain(mail.Data.ToStringUtf8().Split('\n'), line => line.StartsWith("Bcc:", StringComparison.Ordinal));
        Assert.Equal("welcome", Assert.Single(await InboxAsync(house, Ada)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_mail_of_a_registration_greets_by_the_name_that_a_stranger_may_have_typed(bool alreadyRegistered)
    {
        await using var house = await StartAsync();
        await SendAsync(house, "welcome", new SendWelcome("r1", "Grandma, you won 1000 EUR", alreadyRegistered));
        var text = Assert.Single(house.Sidecar.Bindings).Data.ToStringUtf8().Split("\n\n")[1];
        Assert.Equal("Dear customer,", text);
    }

    [Fact]
    public async Task The_owner_of_a_taken_address_is_told_once_by_mail_and_in_the_inbox()
    {
        await using var house = await StartAsync();
        var taken = new SendWelcome("r1", "ada", AlreadyRegistered: true);
        for (var i = 0; i < 2; i++) await house.DeliverAsync(App, "internal/notifications/welcome", taken);
        Assert.All(house.Sidecar.Bindings, mail => Assert.Equal("r1.eml", mail.Metadata["fileName"]));
        Assert.Contains("somebody tried to register with your address", house.Sidecar.Bindings.First().Data.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Equal("You have an account already", Assert.Single(await InboxAsync(house, "ada")).Subject);
    }

    [Fact]
    public async Task A_rejected_registration_is_told_with_the_rules_that_it_breaks()
    {
        await using var house = await StartAsync();
        await house.DeliverAsync(App, "internal/notifications/validation-error", new SendValidationError("r1", "eve@quayside.test", new Dictionary<string, string[]> { ["name"] = ["is too long"] }));
        var mail = Assert.Single(house.Sidecar.Bindings);
        Assert.Equal(("r1.eml", "eve@quayside.test"), (mail.Metadata["fileName"], mail.Metadata["emailTo"]));
        Assert.Contains("  name is too long", mail.Data.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_was_told_of_a_registration_hears_of_no_other_that_day_but_of_a_repeated_try_of_the_same()
    {
        await using var house = await StartAsync();
        foreach (var id in new[] { "r1", "r2", "r3", "r1" }) Assert.Equal(id, await SendAsync(house, "welcome", new SendWelcome(id, "ada", AlreadyRegistered: true)));
        Assert.Equal(["r1.eml", "r1.eml"], house.Sidecar.Bindings.Select(mail => mail.Metadata["fileName"]));
        Assert.Equal("r1", Assert.Single(await InboxAsync(house, "ada")).Id);
        house.Sidecar.Bindings.Clear();

        foreach (var (id, email) in new[] { ("r4", "Eve@quayside.test"), ("r5", "eve@quayside.test"), ("r6", " EVE@quayside.test"), ("r4", "Eve@quayside.test"), ("r7", "bob@quayside.test") })
            Assert.Equal(id, await SendAsync(house, "validation-error", new SendValidationError(id, email, new Dictionary<string, string[]> { ["name"] = ["is missing"] })));
        Assert.Equal(["r4.eml", "r4.eml", "r7.eml"], house.Sidecar.Bindings.Select(mail => mail.Metadata["fileName"]));
        Assert.DoesNotContain(house.Sidecar.Documents, document => $"{document}".Contains("eve@", StringComparison.OrdinalIgnoreCase));
        house.Sidecar.Bindings.Clear();

        foreach (var id in new[] { "r8", "r9" }) await SendAsync(house, "welcome", new SendWelcome(id, "ada"));
        Assert.Equal(["r8.eml", "r9.eml"], house.Sidecar.Bindings.Select(mail => mail.Metadata["fileName"]));
    }

    [Fact]
    public async Task Of_many_registrations_at_once_one_is_told_and_may_be_told_again_when_the_mail_fails()
    {
        await using var house = await StartAsync();
        ConcurrentDictionary<string, string> lifetimes = new();
        house.Sidecar.BeforeWrite = item =>
        {
            if (item.Metadata.TryGetValue("ttlInSeconds", out var lifetime)) lifetimes.TryAdd(item.Key, lifetime);
            return Task.CompletedTask;
        };
        house.Sidecar.BeforeBinding = _ => throw new InvalidOperationException("no mail server");
        var ids = Enumerable.Range(0, 10).Select(i => $"r{i}").ToArray();
        var told = await Task.WhenAll(ids.Select(id => house.DeliverAsync(App, "internal/notifications/welcome", new SendWelcome(id, "ada", AlreadyRegistered: true))));
        var first = ids[Array.IndexOf(told, Assert.Single(told, status => status != HttpStatusCode.OK))];
        house.Sidecar.BeforeBinding = _ => Task.CompletedTask;
        await SendAsync(house, "welcome", new SendWelcome(first, "ada", AlreadyRegistered: true));
        Assert.Equal($"{first}.eml", Assert.Single(house.Sidecar.Bindings).Metadata["fileName"]);
        Assert.Equal("86400", Assert.Single(lifetimes).Value);
    }

    [Fact]
    public async Task A_dead_letter_is_parked_once_replayed_and_dropped()
    {
        await using var house = await StartAsync();
        var created = Created("o1");
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/dead", created));
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/dead", created));
        await house.DeliverAsync(App, "events/dead", Created("o2"));
        var parked = await ParkedAsync(house);
        Assert.Equal(2, parked.Count);

        using var forbidden = await house.SendAsync(HttpMethod.Post, App, $"api/admin/parked/{App}/{parked[0].EventId}/replay", "ada", key: "1");
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        using var replayed = await house.SendAsync(HttpMethod.Post, App, $"api/admin/parked/{App}/{parked[0].EventId}/replay", "root", "admin", key: "1");
        Assert.Equal(HttpStatusCode.NoContent, replayed.StatusCode);
        Assert.Equal("o1", Assert.Single(await InboxAsync(house, "ada")).OrderId);
        using var dropped = await house.SendAsync(HttpMethod.Delete, App, $"api/admin/parked/{App}/{parked[1].EventId}", "root", "admin", key: "2");
        Assert.Equal(HttpStatusCode.NoContent, dropped.StatusCode);
        Assert.Empty(await ParkedAsync(house));
        Assert.Single(house.Sidecar.Bindings);
    }

    [Theory]
    [InlineData("file not found: r1.eml")]
    [InlineData("error deleting file /outbox/r1.eml: remove /outbox/r1.eml: no such file or directory")]
    [InlineData("error deleting file C:\\outbox\\r1.eml: remove C:\\outbox\\r1.eml: The system cannot find the file specified.")]
    [InlineData("binding email does not support operation delete. supported operations:create")]
    public async Task A_mail_of_which_nothing_is_kept_holds_up_no_deletion(string reason)
    {
        await using var house = await StartAsync();
        await SendAsync(house, "welcome", new SendWelcome("r1", "ada"));
        house.Sidecar.BeforeBinding = _ => throw new RpcException(StatusCode.Internal, $"error invoking output binding email: {reason}");
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/users/deleted", Deleted("ada")));
        Assert.Empty(await InboxAsync(house, "ada"));
    }

    [Fact]
    public async Task A_mail_that_cannot_be_deleted_is_told_to_the_broker_and_the_retry_deletes_it()
    {
        await using var house = await StartAsync();
        await SendAsync(house, "welcome", new SendWelcome("r1", "ada"));
        house.Sidecar.Bindings.Clear();
        house.Sidecar.BeforeBinding = _ => throw new RpcException(StatusCode.Internal, "error invoking output binding email: error deleting file /outbox/r1.eml: permission denied");
        Assert.Equal(HttpStatusCode.InternalServerError, await house.DeliverAsync(App, "events/users/deleted", Deleted("ada")));
        house.Sidecar.BeforeBinding = _ => Task.CompletedTask;
        Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/users/deleted", Deleted("ada")));
        Assert.Equal([("delete", "r1.eml")], house.Sidecar.Bindings.Select(call => (call.Operation, call.Metadata["fileName"])));
        Assert.Empty(await InboxAsync(house, "ada"));
    }

    [Theory]
    [InlineData("create", "the mail is on its way, its inbox not written")]
    [InlineData("delete", "the deletion has read the inbox")]
    public async Task A_notice_that_crosses_the_deletion_of_its_user_takes_its_mail_back(string held, string when)
    {
        await using var house = await StartAsync();
        await SendAsync(house, "welcome", new SendWelcome("r1", "ada"));
        var late = Created("o1");
        TaskCompletionSource isHeld = new(), release = new();
        house.Sidecar.BeforeBinding = call => call.Operation == held && isHeld.TrySetResult() ? release.Task : Task.CompletedTask;

        var (first, second) = held == "create" ? ("orders/notices", "users/deleted") : ("users/deleted", "orders/notices");
        var crossed = DeliverAsync(first);
        await isHeld.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(second));
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, await crossed);

        var kept = house.Sidecar.Bindings.GroupBy(call => call.Metadata["fileName"]).Where(calls => calls.Last().Operation == "create").Select(calls => calls.Key);
        Assert.True(!kept.Any(), $"A mail stays when {when}.");
        Assert.Empty(await InboxAsync(house, "ada"));

        Task<HttpStatusCode> DeliverAsync(string route) => house.DeliverAsync(App, $"events/{route}", route == "users/deleted" ? Deleted("ada") : late);
    }

    [Fact]
    public async Task Of_a_deleted_user_no_mail_and_no_notification_stays_whatever_is_delivered_late_or_again()
    {
        await using var house = await StartAsync();
        var created = Created("o1");
        await house.DeliverAsync(App, "events/orders/notices", created);
        await house.DeliverAsync(App, "internal/notifications/welcome", new SendWelcome("r1", "ada"));
        await house.DeliverAsync(App, "internal/notifications/welcome", new SendWelcome("r2", "bob"));
        house.Sidecar.Bindings.Clear();
        house.Sidecar.BeforeBinding = call => call.Operation == "delete" && call.Metadata["fileName"] == "r1.eml" ? throw new InvalidOperationException("no such file") : Task.CompletedTask;

        var deleted = Deleted("ada");
        for (var delivery = 0; delivery < 2; delivery++) Assert.Equal(HttpStatusCode.OK, await house.DeliverAsync(App, "events/users/deleted", deleted));
        Assert.Equal([("delete", $"{created.EventId}.eml")], house.Sidecar.Bindings.Select(call => (call.Operation, call.Metadata["fileName"])));
        Assert.Empty(await InboxAsync(house, "ada"));
        Assert.Single(await InboxAsync(house, "bob"));

        gone.TryAdd("ada", true);
        house.Sidecar.Bindings.Clear();
        await house.DeliverAsync(App, "events/orders/notices", created);
        await house.DeliverAsync(App, "events/orders/notices", Shipped("o1", minute: 2));
        await house.DeliverAsync(App, "internal/notifications/welcome", new SendWelcome("r3", "ada", AlreadyRegistered: true));
        Assert.DoesNotContain(house.Sidecar.Bindings, call => call.Operation == "create");
        Assert.Empty(await InboxAsync(house, "ada"));
    }

    [Fact]
    public async Task Every_subscription_has_a_dead_letter_topic_and_a_default_route()
    {
        await using var house = await StartAsync();
        var subscriptions = (await house.GetAsync<JsonElement>(App, "dapr/subscribe")).EnumerateArray().ToDictionary(one => one.GetProperty("topic").GetString()!);
        var orders = subscriptions["orders"];
        Assert.Equal("notification-service-orders-dead", orders.GetProperty("deadLetterTopic").GetString());
        Assert.Equal("events/orders/other", orders.GetProperty("routes").GetProperty("default").GetString());
        Assert.Equal("events/dead", subscriptions["notification-service-orders-dead"].GetProperty("route").GetString());
        Assert.Equal("notification-service-users-dead", subscriptions["users"].GetProperty("deadLetterTopic").GetString());
        Assert.Equal("events/users/other", subscriptions["users"].GetProperty("routes").GetProperty("default").GetString());
        Assert.Equal("events/dead", subscriptions["notification-service-users-dead"].GetProperty("route").GetString());
    }

    private async Task<House> StartAsync(params string[] settings)
    {
        var house = await House.EmptyAsync();
        await house.RunAsync(settings, [App], NotificationsApp.Create);
        await house.RunAsync([], ["user-service"], (args, _) =>
        {
            var users = WebApplication.CreateSlimBuilder(args).Build();
            users.MapPost("/internal/users/profile", (ReadProfile query) =>
                new ReadProfileResult(gone.ContainsKey(query.UserId) ? null : new(query.UserId, $"{query.UserId}@quayside.test", query.UserId)));
            return users;
        });
        return house;
    }

    private static async Task<string> SendAsync<TCommand>(House house, string command, TCommand data) =>
        (await house.PostAsync<TCommand, MailSent>(App, $"internal/notifications/{command}", data)).MessageId;

    private static async Task<IReadOnlyList<Notification>> InboxAsync(House house, string user) => (await PageAsync(house, user, "")).Items;

    private static async Task<NotificationPage> PageAsync(House house, string user, string query)
    {
        using var answer = await house.SendAsync(HttpMethod.Get, App, $"api/notifications{query}", user);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<NotificationPage>())!;
    }

    private static async Task<IReadOnlyList<ParkedEvent>> ParkedAsync(House house)
    {
        using var answer = await house.SendAsync(HttpMethod.Get, App, $"api/admin/parked/{App}", "root", "admin");
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ParkedPage>())!.Items;
    }

    private static EventEnvelope Created(string order, int minute = 0, string user = "ada") => Envelope(order, OrderEvents.Created, minute, new OrderEvent.Created(
        order, user, Noon, [new("p-01", "Enamel mug", 2, Money.Euro(12_90)), new("p-02", "Rope & <b>anchor</b>", 1, Money.Euro(0))], Money.Euro(25_80)));

    private static EventEnvelope Shipped(string order, int minute) =>
        Envelope(order, OrderEvents.Shipped, minute, new OrderEvent.Shipped(order, "ada", Money.Euro(25_80), "QC1"));

    private static EventEnvelope Cancelled(string order, int minute) =>
        Envelope(order, OrderEvents.Cancelled, minute, new OrderEvent.Cancelled(order, "ada", Money.Euro(25_80), "card declined"));

    private static EventEnvelope Deleted(string user) =>
        new(Guid.NewGuid(), user, UserEvents.Deleted, 1, JsonSerializer.SerializeToElement(new { userId = user }), new(), Noon, 2);

    private static EventEnvelope Envelope<T>(string order, string type, int minute, T data) => new(
        Guid.NewGuid(), order, type, 1, JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web), new(null, null, null, null, null),
        Noon.AddMinutes(minute), 1);
}
