using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Quayside.Contracts.Users;
using Quayside.Identity.Credentials;
using Quayside.Identity.Login;
using Quayside.ServiceDefaults.Clients;
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
        await identity.PostAsync("/internal/credentials", new { registrationId = "r1", password = "a-new-pass-1234" });
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
    public async Task Of_one_client_four_passwords_wait_and_whoever_else_comes_is_next()
    {
        using var passwords = new PasswordCheck(Options.Create(new PasswordOptions { Iterations = 300_000, Patience = TimeSpan.FromMinutes(1) }));
        var hash = passwords.Hash("right-pass-1234");
        var flood = Enumerable.Range(0, 200).Select(i => Task.Run(() => passwords.TryVerifyAsync(null, $"wrong-{i}", "10.0.0.2", CancellationToken.None))).ToArray();
        await Task.WhenAny(flood);
        var registering = Task.Run(() => passwords.TryHashAsync("another-pass-1234", "10.0.0.3", TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.True((await passwords.TryVerifyAsync(hash, "right-pass-1234", "10.0.0.1", CancellationToken.None))!.IsRight);
        Assert.NotNull(await registering);
        var judged = (await Task.WhenAll(flood)).Count(verdict => verdict is not null);
        Assert.InRange(judged, 4, 100);
        Assert.NotNull(await passwords.TryVerifyAsync(null, "wrong", "10.0.0.2", CancellationToken.None));
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_tells_nothing_by_its_speed()
    {
        using var before = new PasswordCheck(Options.Create(new PasswordOptions { Iterations = 1_000 }));
        using var passwords = new PasswordCheck(Options.Create(new PasswordOptions { Iterations = 100_000 }));
        var old = before.Hash("right-pass-1234");
        passwords.WarmUp();
        var (known, unknown) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        // The fastest of many, so that a busy machine does not decide. Without more rounds the known one takes a hundredth of the time.
        for (var i = 0; i < 20; i++)
        {
            known = Least(known, await TimeAsync(old));
            unknown = Least(unknown, await TimeAsync(null));
        }
        Assert.InRange(known / unknown, 0.5, 2);

        static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

        async Task<TimeSpan> TimeAsync(string? hash)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.False((await passwords.TryVerifyAsync(hash, "wrong-pass-1234", "10.0.0.1", CancellationToken.None))!.IsRight);
            return Stopwatch.GetElapsedTime(started);
        }
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
        for (var i = 0; i < 10; i++) Fail(throttle, "ada", "10.0.0.1");
        Assert.Equal(TimeSpan.FromMinutes(5), throttle.Begin("ada", "10.0.0.1"));
    }

    [Fact]
    public void Tries_under_way_may_all_fail_and_more_of_them_wait_for_a_moment_only()
    {
        var throttle = new LoginThrottle(new ManualTime());
        for (var i = 0; i < 10; i++) Assert.Null(throttle.Begin("ada", "10.0.0.1"));
        Assert.Equal(TimeSpan.FromSeconds(1), throttle.Begin("ada", "10.0.0.1"));
        for (var i = 0; i < 5; i++) throttle.Failed("ada", "10.0.0.1");
        Assert.Equal(TimeSpan.FromSeconds(1), throttle.Begin("ada", "10.0.0.1"));
        throttle.Succeeded("ada", "10.0.0.1");
        for (var i = 0; i < 6; i++) Assert.Null(throttle.Begin("ada", "10.0.0.1"));
        Assert.NotNull(throttle.Begin("ada", "10.0.0.1"));
    }

    [Fact]
    public void A_flood_of_made_up_accounts_pushes_out_only_what_is_older_than_itself()
    {
        var time = new ManualTime();
        var throttle = new LoginThrottle(time);
        for (var i = 0; i < 10_001; i++) Fail(throttle, $"made-up-{i}", "10.0.0.2");
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++) Fail(throttle, "demo", "10.0.0.1");
        for (var i = 0; i < 19_999; i++) Fail(throttle, $"made-up-again-{i}", "10.0.0.2");
        Assert.NotNull(throttle.Begin("demo", "10.0.0.1"));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(throttle.Begin("demo", "10.0.0.1"));
    }

    private static void Fail(LoginThrottle throttle, string account, string client)
    {
        Assert.Null(throttle.Begin(account, client));
        throttle.Failed(account, client);
    }

    private static string HashOf(FakeStore store) => Assert.Single(
        store.Documents.Where(document => document.Key.StartsWith("credential-", StringComparison.Ordinal)).Select(document => JsonDocument.Parse(document.Value).RootElement),
        credential => credential.GetProperty("userId").GetString() == SeedUsers.Demo.UserId).GetProperty("passwordHash").GetString()!;
}
