using System.Net;
using System.Text.Json;
using Quayside.Contracts;
using Quayside.Contracts.Users;

namespace Quayside.Services.Tests.Identity;

/// <summary>What is left of a deleted user's logins: nothing, whoever is told first.</summary>
public sealed class AccountTests
{
    private const string Registration = "6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c002";
    private const string Password = "a-new-pass-1234";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_an_account_is_closed_every_login_of_it_ends_at_once_and_the_password_is_forgotten(bool byEvent)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var devices = new[] { await identity.LoginAsync(SeedUsers.Demo), await identity.LoginAsync(SeedUsers.Demo) };
        var admin = await identity.LoginAsync(SeedUsers.Admin);

        for (var again = 0; again < 2; again++)
        {
            using var closed = byEvent ? await DeliverAsync(identity, SeedUsers.Demo.UserId) : await CloseAsync(identity, SeedUsers.Demo.UserId);
            Assert.Equal(HttpStatusCode.OK, closed.StatusCode);
        }

        foreach (var device in devices)
        {
            Assert.Equal("""{"valid":false}""", (await identity.ValidateAsync(device.AccessToken)).GetRawText());
            Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(device.RefreshToken)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(SeedUsers.Demo.Email, SeedUsers.Demo.DevelopmentPassword)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await identity.RefreshAsync(admin.RefreshToken)).StatusCode);
        Assert.Single(identity.Store.Documents.Keys, key => key.StartsWith("credential-", StringComparison.Ordinal));
        Assert.DoesNotContain("credential-", identity.Store.Documents[$"account-{SeedUsers.Demo.UserId}"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_does_not_bring_a_deleted_demo_user_back()
    {
        await using var store = await FakeStore.StartAsync();
        await using (var before = await IdentityUnderTest.StartAsync(store))
        {
            await before.LoginAsync(SeedUsers.Demo);
            await CloseAsync(before, SeedUsers.Demo.UserId);
        }

        await using var after = await IdentityUnderTest.StartAsync(store);
        Assert.Equal(HttpStatusCode.Unauthorized, (await after.LoginAsync(SeedUsers.Demo.Email, SeedUsers.Demo.DevelopmentPassword)).StatusCode);
        await after.LoginAsync(SeedUsers.Admin);
    }

    [Fact]
    public async Task The_address_is_free_for_another_user_and_no_late_message_opens_the_old_account()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        await RegisterAsync(identity, Registration, "user-1");
        var old = await IdentityUnderTest.PairAsync(await identity.LoginAsync("ada@example.test", Password));
        await CloseAsync(identity, "user-1");

        var next = Registration.Replace("c002", "c003", StringComparison.Ordinal);
        Assert.Equal("""{"result":"activated"}""", await RegisterAsync(identity, next, "user-2"));
        Assert.Equal("""{"result":"closed"}""", await RegisterAsync(identity, Registration.Replace("c002", "c004", StringComparison.Ordinal), "user-1"));
        await CloseAsync(identity, "user-1");

        var pair = await IdentityUnderTest.PairAsync(await identity.LoginAsync("ada@example.test", Password));
        Assert.Equal("user-2", (await identity.ValidateAsync(pair.AccessToken)).GetProperty("userId").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(old.RefreshToken)).StatusCode);
    }

    [Fact]
    public async Task A_crash_after_the_mark_leaves_nobody_a_login_and_the_event_finishes_the_work()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        await RegisterAsync(identity, Registration, "user-1");
        identity.Store.RefuseDeletions = true;
        Assert.Equal(HttpStatusCode.InternalServerError, (await CloseAsync(identity, "user-1")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync("ada@example.test", Password)).StatusCode);

        identity.Store.RefuseDeletions = false;
        Assert.Equal(HttpStatusCode.OK, (await DeliverAsync(identity, "user-1")).StatusCode);
        Assert.DoesNotContain(identity.Store.Documents, document => document.Value.Contains("user-1", StringComparison.Ordinal));
        Assert.Equal("""{"result":"activated"}""", await RegisterAsync(identity, Registration.Replace("c002", "c003", StringComparison.Ordinal), "user-2"));
    }

    [Fact]
    public async Task Other_events_of_users_are_acknowledged_and_strangers_close_nothing()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        using var other = await identity.PostAsync("/events/users/other", Happened(SeedUsers.Demo.UserId, UserEvents.Updated));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.PostAsync("/internal/accounts/close", new { userId = SeedUsers.Demo.UserId }, appToken: "guess")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.PostAsync("/events/users/deleted", Happened(SeedUsers.Demo.UserId, UserEvents.Deleted), appToken: "guess")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await identity.RefreshAsync(pair.RefreshToken)).StatusCode);

        using var subscriptions = await identity.Client.GetAsync("/dapr/subscribe");
        var topics = JsonDocument.Parse(await subscriptions.Content.ReadAsStringAsync()).RootElement.EnumerateArray().ToDictionary(one => one.GetProperty("topic").GetString()!);
        Assert.Equal("auth-service-users-dead", topics["users"].GetProperty("deadLetterTopic").GetString());
        Assert.Equal("events/users/other", topics["users"].GetProperty("routes").GetProperty("default").GetString());
        Assert.Equal("events/dead", topics["auth-service-users-dead"].GetProperty("route").GetString());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"data_base64":"!!"}""")]
    [InlineData("""{"data":{"refreshToken":"x"}}""")]
    public async Task An_event_is_unwrapped_where_events_are_delivered_and_nowhere_else(string body)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/cloudevents+json"));
        using var answer = await identity.Client.PostAsync("/api/auth/logout", content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<string> RegisterAsync(IdentityUnderTest identity, string registrationId, string userId)
    {
        using var kept = await identity.PostAsync("/internal/credentials", new { registrationId, password = Password });
        using var answer = await identity.PostAsync("/internal/credentials/activate", new { registrationId, userId, email = "ada@example.test" });
        return await answer.Content.ReadAsStringAsync();
    }

    private static Task<HttpResponseMessage> CloseAsync(IdentityUnderTest identity, string userId) =>
        identity.PostAsync("/internal/accounts/close", new { userId });

    private static Task<HttpResponseMessage> DeliverAsync(IdentityUnderTest identity, string userId) =>
        identity.PostAsync("/events/users/deleted", Happened(userId, UserEvents.Deleted));

    private static EventEnvelope Happened(string userId, string type) =>
        new(Guid.NewGuid(), userId, type, 1, JsonSerializer.SerializeToElement(new { userId }), new(), DateTimeOffset.UnixEpoch, 2);
}
