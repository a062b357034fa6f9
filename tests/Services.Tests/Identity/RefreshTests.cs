using System.Net;
using Quayside.Contracts.Users;

namespace Quayside.Services.Tests.Identity;

public sealed class RefreshTests
{
    [Fact]
    public async Task A_refresh_token_gives_a_new_pair_again_and_again()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        for (var i = 0; i < 3; i++)
        {
            identity.Time.Advance(TimeSpan.FromMinutes(10));
            var next = await IdentityUnderTest.PairAsync(await identity.RefreshAsync(pair.RefreshToken));
            Assert.NotEqual(pair.RefreshToken, next.RefreshToken);
            Assert.True((await identity.ValidateAsync(next.AccessToken)).GetProperty("valid").GetBoolean());
            pair = next;
        }
    }

    [Fact]
    public async Task The_same_token_again_within_30_seconds_gives_the_same_successor_also_at_the_same_time()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => identity.RefreshAsync(pair.RefreshToken)));
        identity.Time.Advance(TimeSpan.FromSeconds(29));
        var later = await IdentityUnderTest.PairAsync(await identity.RefreshAsync(pair.RefreshToken));
        foreach (var answer in answers) Assert.Equal(later.RefreshToken, (await IdentityUnderTest.PairAsync(answer)).RefreshToken);
    }

    [Fact]
    public async Task Reuse_after_30_seconds_ends_the_whole_family()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var stolen = await identity.LoginAsync(SeedUsers.Demo);
        var other = await identity.LoginAsync(SeedUsers.Demo);
        var current = await IdentityUnderTest.PairAsync(await identity.RefreshAsync(stolen.RefreshToken));
        identity.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(stolen.RefreshToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(current.RefreshToken)).StatusCode);
        Assert.False((await identity.ValidateAsync(current.AccessToken)).GetProperty("valid").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await identity.RefreshAsync(other.RefreshToken)).StatusCode);
    }

    [Fact]
    public async Task Reuse_once_the_successor_was_used_ends_the_family_at_once()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var first = await identity.LoginAsync(SeedUsers.Demo);
        var second = await IdentityUnderTest.PairAsync(await identity.RefreshAsync(first.RefreshToken));
        var third = await IdentityUnderTest.PairAsync(await identity.RefreshAsync(second.RefreshToken));
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(first.RefreshToken)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(third.RefreshToken)).StatusCode);
    }

    [Fact]
    public async Task A_forged_token_is_refused_without_a_look_into_the_store_and_ends_nothing()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        var parts = pair.RefreshToken.Split('.');
        var reads = identity.Store.Reads;
        foreach (var forged in new[] { "", "x", $"{parts[0]}.1.{parts[2]}", $"{parts[0]}.0.AAAA", $"{parts[0]}.-1.{parts[2]}", new string('a', 5000) })
            Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(forged)).StatusCode);
        Assert.Equal(reads, identity.Store.Reads);
        Assert.Equal(HttpStatusCode.OK, (await identity.RefreshAsync(pair.RefreshToken)).StatusCode);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJkaXIiLCJraWQiOiJ4IiwiZW5jIjoiQTEyOEdDTSJ9.a.b.c.d")]
    public async Task What_is_no_token_is_not_valid_and_no_failure(string token)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        Assert.Equal("""{"valid":false}""", (await identity.ValidateAsync(token)).GetRawText());
    }

    [Fact]
    public async Task Logout_ends_the_family_and_validate_sees_it()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        var before = await identity.ValidateAsync(pair.AccessToken);
        Assert.Equal((true, SeedUsers.Demo.UserId), (before.GetProperty("valid").GetBoolean(), before.GetProperty("userId").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await identity.PostAsync("/api/auth/logout", new { refreshToken = pair.RefreshToken })).StatusCode);
        Assert.Equal("""{"valid":false}""", (await identity.ValidateAsync(pair.AccessToken)).GetRawText());
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(pair.RefreshToken)).StatusCode);
    }

    [Fact]
    public async Task An_idle_login_ends_after_14_days_and_any_after_90()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var idle = await identity.LoginAsync(SeedUsers.Demo);
        var used = await identity.LoginAsync(SeedUsers.Demo);
        for (var day = 13; day < 90; day += 13)
        {
            identity.Time.Advance(TimeSpan.FromDays(13));
            used = await IdentityUnderTest.PairAsync(await identity.RefreshAsync(used.RefreshToken));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(idle.RefreshToken)).StatusCode);
        identity.Time.Advance(TimeSpan.FromDays(12));
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.RefreshAsync(used.RefreshToken)).StatusCode);
    }

    [Fact]
    public async Task An_expired_access_token_is_not_valid()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        identity.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.False((await identity.ValidateAsync(pair.AccessToken)).GetProperty("valid").GetBoolean());
    }
}
