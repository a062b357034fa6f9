using System.Net;
using System.Text.Json;
using Quayside.Contracts.Users;
using Quayside.Identity.Login;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Services.Tests.Identity;

public sealed class PasswordTests
{
    [Fact]
    public async Task A_weaker_hash_is_made_anew_when_its_owner_logs_in_and_not_when_somebody_else_tries()
    {
        await using var store = await FakeStore.StartAsync();
        await using (var before = await IdentityUnderTest.StartAsync(store, null, "--Passwords:Iterations=1000")) await before.LoginAsync(SeedUsers.Demo);
        var weak = HashOf(store);

        await using var after = await IdentityUnderTest.StartAsync(store, null, "--Passwords:Iterations=2000");
        Assert.Equal(HttpStatusCode.Unauthorized, (await after.LoginAsync(SeedUsers.Demo.Email, "wrong-pass-1234")).StatusCode);
        Assert.Equal(weak, HashOf(store));
        await after.LoginAsync(SeedUsers.Demo);
        var strong = HashOf(store);
        Assert.NotEqual(weak, strong);
        await after.LoginAsync(SeedUsers.Demo);
        Assert.Equal(strong, HashOf(store));
    }

    [Fact]
    public async Task A_flood_of_logins_holds_up_nobody_but_logins_and_those_are_told_when_to_come_back()
    {
        await using var identity = await IdentityUnderTest.StartAsync(null, null, "--Passwords:Iterations=3000000", "--Passwords:Patience=00:00:00.2", "--Seed:Users=false");
        await identity.PostAsync("/internal/credentials", new { registrationId = "r1", password = "a-new-pass-1234" }, appToken: "app-token");
        var flood = Enumerable.Range(0, 64).Select(i => identity.LoginAsync("nobody@quayside.test", "wrong-pass-1234", $"10.0.0.{i}")).ToArray();
        await Task.WhenAny(flood);
        for (var i = 0; i < 50; i++) Assert.False((await identity.ValidateAsync("abc")).GetProperty("valid").GetBoolean());
        Assert.Contains(flood, login => !login.IsCompleted);

        var answers = await Task.WhenAll(flood);
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, answer.StatusCode.ToString()));
        var sentAway = answers.Where(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable).ToArray();
        Assert.NotEmpty(sentAway);
        Assert.All(sentAway, answer => Assert.NotNull(answer.Headers.RetryAfter));
    }

    [Fact]
    public void A_network_of_IPv6_is_one_client_and_an_IPv4_address_is_one_however_it_is_written()
    {
        Assert.Equal(ClientKey.Of("2001:db8:0:1::1"), ClientKey.Of("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        Assert.NotEqual(ClientKey.Of("2001:db8:0:1::1"), ClientKey.Of("2001:db8:0:2::1"));
        Assert.Equal(ClientKey.Of("10.0.0.1"), ClientKey.Of("::ffff:10.0.0.1"));
        Assert.NotEqual(ClientKey.Of("10.0.0.1"), ClientKey.Of("10.0.0.2"));
    }

    [Fact]
    public void A_login_that_never_got_its_turn_is_no_failed_one()
    {
        var throttle = new LoginThrottle(new ManualTime());
        for (var i = 0; i < 30; i++)
        {
            Assert.Null(throttle.Begin("ada", "10.0.0.1"));
            throttle.Forgive("ada", "10.0.0.1");
        }
        for (var i = 0; i < 10; i++) Assert.Null(throttle.Begin("ada", "10.0.0.1"));
        Assert.NotNull(throttle.Begin("ada", "10.0.0.1"));
    }

    [Fact]
    public void A_flood_of_made_up_accounts_pushes_out_only_what_is_older_than_itself()
    {
        var time = new ManualTime();
        var throttle = new LoginThrottle(time);
        for (var i = 0; i < 10_001; i++) throttle.Begin($"made-up-{i}", "10.0.0.2");
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++) Assert.Null(throttle.Begin("demo", "10.0.0.1"));
        for (var i = 0; i < 19_999; i++) throttle.Begin($"made-up-again-{i}", "10.0.0.2");
        Assert.NotNull(throttle.Begin("demo", "10.0.0.1"));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(throttle.Begin("demo", "10.0.0.1"));
    }

    private static string HashOf(FakeStore store) => Assert.Single(
        store.Documents.Where(document => document.Key.StartsWith("credential-", StringComparison.Ordinal)).Select(document => JsonDocument.Parse(document.Value).RootElement),
        credential => credential.GetProperty("userId").GetString() == SeedUsers.Demo.UserId).GetProperty("passwordHash").GetString()!;
}
