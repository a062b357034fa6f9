using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Services.Tests.Identity;

/// <summary>A key is published before it signs and until its last token is over, on all replicas alike.</summary>
public sealed class KeyRotationTests
{
    private static readonly TimeSpan Term = TimeSpan.FromDays(30);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_new_key_is_published_an_hour_before_it_signs_and_the_old_one_an_hour_after_it_signed_last()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var old = await SignerAsync(identity);
        Assert.Equal([old], await PublishedAsync(identity));

        identity.Time.Advance(Term - Hour - TimeSpan.FromMinutes(2));
        Assert.Equal([old], await PublishedAsync(identity));

        identity.Time.Advance(TimeSpan.FromMinutes(2));
        var both = await PublishedAsync(identity);
        Assert.Equal((2, old), (both.Length, both[1]));
        Assert.Equal(old, await SignerAsync(identity));

        identity.Time.Advance(Hour - TimeSpan.FromMinutes(2));
        Assert.Equal(old, await SignerAsync(identity));
        var last = await identity.LoginAsync(SeedUsers.Demo);

        identity.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(both[0], await SignerAsync(identity));
        Assert.True((await identity.ValidateAsync(last.AccessToken)).GetProperty("valid").GetBoolean());

        identity.Time.Advance(Hour - TimeSpan.FromMinutes(2));
        Assert.Equal(both, await PublishedAsync(identity));
        identity.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([both[0]], await PublishedAsync(identity));
    }

    [Fact]
    public async Task Replicas_make_one_key_between_them_and_sign_with_the_same()
    {
        await using var store = await FakeStore.StartAsync();
        var clock = new ManualTime();
        await using var first = await IdentityUnderTest.StartAsync(store, clock);
        await using var second = await IdentityUnderTest.StartAsync(store, clock);
        for (var term = 0; term < 3; term++)
        {
            clock.Advance(Term);
            var published = await Task.WhenAll(PublishedAsync(first), PublishedAsync(second));
            Assert.Equal(published[0], published[1]);
            clock.Advance(Hour);
            Assert.Equal(await SignerAsync(first), await SignerAsync(second));
        }
    }

    [Fact]
    public async Task A_service_takes_a_rotated_key_without_a_restart_while_strangers_make_up_kids()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var source = new Counted(identity);
        using var stranger = new TestTokens();
        await using var service = await SmallApp.StartAsync(AccessTokenTests.Map, source, identity.Time);
        for (var day = 0; day < 33; day++)
        {
            using var good = await AccessTokenTests.GetAsync(service, "/me", (await identity.LoginAsync(SeedUsers.Demo)).AccessToken);
            Assert.Equal(SeedUsers.Demo.UserId, await good.Content.ReadAsStringAsync());
            var reads = source.Reads;
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AccessTokenTests.GetAsync(service, "/me", stranger.Mint(kid: $"{day}-{i}", now: identity.Time.GetUtcNow()))));
            Assert.InRange(source.Reads, reads, reads + 1);
            identity.Time.Advance(TimeSpan.FromDays(1));
        }
    }

    private static async Task<string[]> PublishedAsync(IdentityUnderTest identity) =>
        [.. new JsonWebKeySet(await identity.Client.GetStringAsync("/.well-known/jwks.json")).Keys.Select(key => key.Kid)];

    private static async Task<string> SignerAsync(IdentityUnderTest identity) => new JsonWebToken((await identity.LoginAsync(SeedUsers.Demo)).AccessToken).Kid;

    private sealed class Counted(IdentityUnderTest identity) : IJwksSource
    {
        private int reads;

        public int Reads => reads;

        public Task<string> ReadAsync(CancellationToken cancellation)
        {
            Interlocked.Increment(ref reads);
            return identity.Client.GetStringAsync("/.well-known/jwks.json", cancellation);
        }
    }
}
