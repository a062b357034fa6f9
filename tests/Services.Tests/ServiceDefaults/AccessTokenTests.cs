using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.ServiceDefaults;

public sealed class AccessTokenTests : IDisposable
{
    private readonly TestTokens issuer = new();

    [Fact]
    public async Task A_good_token_names_its_caller()
    {
        await using var app = await SmallApp.StartAsync(Map, issuer);
        using var answer = await GetAsync(app, "/me", issuer.Mint("user-7"));
        Assert.Equal("user-7", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("none")]
    [InlineData("not a token")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("wrong issuer")]
    [InlineData("wrong audience")]
    [InlineData("encrypted")]
    [InlineData("alg none")]
    [InlineData("HS256 with the public key")]
    [InlineData("unknown kid")]
    [InlineData("no kid")]
    [InlineData("kid that is a path")]
    [InlineData("kid that is SQL")]
    [InlineData("kid that is an address")]
    [InlineData("kid without end")]
    [InlineData("key of its own in the header")]
    [InlineData("another key under a known kid")]
    [InlineData("tampered")]
    public async Task A_bad_token_is_401(string how)
    {
        await using var app = await SmallApp.StartAsync(Map, issuer);
        using var stranger = new TestTokens();
        var token = how switch
        {
            "none" => null,
            "not a token" => "abc",
            "expired" => issuer.Mint(age: TimeSpan.FromMinutes(6)),
            "not yet valid" => issuer.Mint(age: TimeSpan.FromMinutes(-1)),
            "wrong issuer" => issuer.Mint(issuer: "https://elsewhere.test"),
            "wrong audience" => issuer.Mint(audience: "other"),
            "encrypted" => Base64Url.EncodeToString("""{"alg":"dir","kid":"x","enc":"A128GCM"}"""u8) + ".a.b.c.d",
            "alg none" => issuer.Unsigned(),
            "HS256 with the public key" => issuer.SignedWithPublicKey(),
            "unknown kid" => issuer.Mint(kid: "key-9"),
            "no kid" => issuer.Mint(kid: ""),
            "kid that is a path" => issuer.Mint(kid: "../../../../dev/null"),
            "kid that is SQL" => issuer.Mint(kid: "key-9' UNION SELECT 'key-1' --"),
            "kid that is an address" => issuer.Mint(kid: "https://elsewhere.test/jwks.json"),
            "kid without end" => issuer.Mint(kid: new string('k', 8_000)),
            "key of its own in the header" => stranger.WithOwnKeyInHeader(),
            "another key under a known kid" => stranger.Mint(),
            _ => issuer.Tampered(),
        };
        using var good = await GetAsync(app, "/me", issuer.Mint());
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);

        using var answer = await GetAsync(app, "/me", token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_remembered_token_expires_all_the_same()
    {
        var time = new ManualTime();
        await using var app = await SmallApp.StartAsync(Map, issuer, time);
        var token = issuer.Mint(now: time.GetUtcNow(), age: TimeSpan.FromMinutes(4.5));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/me", token)).StatusCode);
        time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(app, "/me", token)).StatusCode);
    }

    [Fact]
    public async Task Keys_are_read_once_and_again_for_a_new_kid_but_not_for_every_unknown_one()
    {
        var time = new ManualTime();
        await using var app = await SmallApp.StartAsync(Map, issuer, time);
        for (var i = 0; i < 5; i++) await GetAsync(app, "/me", issuer.Mint($"user-{i}", now: time.GetUtcNow()));
        Assert.Equal(1, issuer.Reads);

        for (var i = 0; i < 5; i++) await GetAsync(app, "/me", issuer.Mint(kid: $"made-up-{i}", now: time.GetUtcNow()));
        Assert.Equal(1, issuer.Reads);

        time.Advance(TimeSpan.FromSeconds(11));
        issuer.Kid = "key-2";
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/me", issuer.Mint(now: time.GetUtcNow()))).StatusCode);
        Assert.Equal(2, issuer.Reads);
    }

    [Fact]
    public async Task Good_tokens_do_not_wait_while_old_keys_are_read_again_and_withdrawn_keys_disappear()
    {
        var time = new ManualTime();
        await using var app = await SmallApp.StartAsync(Map, issuer, time);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/me", issuer.Mint("first", now: time.GetUtcNow()))).StatusCode);

        var answered = new TaskCompletionSource();
        issuer.BeforeRead = () => answered.Task;
        time.Advance(TimeSpan.FromMinutes(11));
        var token = issuer.Mint("second", now: time.GetUtcNow());
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/me", token).WaitAsync(TimeSpan.FromSeconds(10))).StatusCode);

        issuer.Kid = "key-2";
        answered.SetResult();
        await House.Until(async () => (await GetAsync(app, "/me", issuer.Mint($"{Guid.NewGuid()}", kid: "key-1", now: time.GetUtcNow()))).StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/me", issuer.Mint("third", now: time.GetUtcNow()))).StatusCode);
        Assert.Equal(2, issuer.Reads);
    }

    [Fact]
    public async Task A_thousand_made_up_kids_at_once_cost_one_look_at_the_keys()
    {
        var time = new ManualTime();
        await using var app = await SmallApp.StartAsync(Map, issuer, time);
        await GetAsync(app, "/me", issuer.Mint(now: time.GetUtcNow()));
        time.Advance(TimeSpan.FromSeconds(11));
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => GetAsync(app, "/me", issuer.Mint(kid: $"made-up-{i}", now: time.GetUtcNow()))));
        Assert.Equal(2, issuer.Reads);
    }

    [Fact]
    public async Task While_no_key_can_be_read_a_token_is_answered_503_not_401()
    {
        issuer.IsDown = true;
        await using var app = await SmallApp.StartAsync(Map, issuer);
        using var answer = await GetAsync(app, "/me", issuer.Mint());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(app, "/me", "abc")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(app, "/me", null)).StatusCode);
    }

    [Fact]
    public async Task The_policy_admin_needs_the_role()
    {
        await using var app = await SmallApp.StartAsync(Map, issuer);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(app, "/admin", issuer.Mint())).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "/admin", issuer.Mint(role: "admin"))).StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("wrong", HttpStatusCode.Unauthorized)]
    [InlineData("app-token", HttpStatusCode.OK)]
    public async Task The_policy_Dapr_needs_the_sidecars_token_and_takes_no_users(string? token, HttpStatusCode expected)
    {
        await using var app = await SmallApp.StartAsync(Map, issuer);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/internal/thing");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", issuer.Mint(role: "admin"));
        if (token is not null) request.Headers.Add("dapr-api-token", token);
        Assert.Equal(expected, (await app.Client.SendAsync(request)).StatusCode);
    }

    public void Dispose() => issuer.Dispose();

    internal static void Map(WebApplication app)
    {
        app.MapGet("/me", (ClaimsPrincipal user) => user.UserId).RequireAuthorization();
        app.MapGet("/admin", () => "books").RequireAuthorization("admin");
        app.MapGet("/internal/thing", () => "done").RequireAuthorization("Dapr");
    }

    internal static async Task<HttpResponseMessage> GetAsync(SmallApp app, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        return await app.Client.SendAsync(request);
    }
}
