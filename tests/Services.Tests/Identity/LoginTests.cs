using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Quayside.Contracts.Users;

namespace Quayside.Services.Tests.Identity;

public sealed class LoginTests
{
    [Fact]
    public async Task The_demo_user_logs_in_with_any_spelling_of_the_address_and_the_token_verifies_with_the_published_keys()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await IdentityUnderTest.PairAsync(await identity.LoginAsync(" Demo@Quayside.TEST ", SeedUsers.Demo.DevelopmentPassword));
        Assert.Equal(("Bearer", 300), (pair.TokenType, pair.ExpiresIn));

        var keys = new JsonWebKeySet(await identity.Client.GetStringAsync("/.well-known/jwks.json"));
        var token = new JsonWebToken(pair.AccessToken);
        Assert.Equal(("ES256", Assert.Single(keys.Keys).Kid), (token.Alg, token.Kid));
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(pair.AccessToken, new TokenValidationParameters
        {
            ValidIssuer = "https://quayside.test",
            ValidAudience = "quayside",
            IssuerSigningKeys = keys.GetSigningKeys(),
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal((SeedUsers.Demo.UserId, "user"), (token.Subject, token.GetClaim("role").Value));
        Assert.Equal(TimeSpan.FromMinutes(5), token.ValidTo - token.IssuedAt);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_account_get_the_same_answer()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        using var wrong = await identity.LoginAsync(SeedUsers.Demo.Email, "wrong-pass-1234");
        using var unknown = await identity.LoginAsync("nobody@quayside.test", "wrong-pass-1234");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.StatusCode, unknown.StatusCode));
        Assert.Equal(await WithoutTraceAsync(wrong), await WithoutTraceAsync(unknown));
    }

    [Theory]
    [InlineData("demo@quay\u017Fide.test")]
    [InlineData("\uFF44emo@quayside.test")]
    [InlineData("d\u200Bemo@quayside.test")]
    [InlineData("demo@quayside\u3002test")]
    public async Task What_only_looks_like_an_address_is_nobody(string lookalike)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(lookalike, SeedUsers.Demo.DevelopmentPassword)).StatusCode);
        await identity.LoginAsync(SeedUsers.Demo);
    }

    [Fact]
    public async Task An_unknown_account_costs_the_same_work_as_a_known_one()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var (known, unknown) = (double.MaxValue, double.MaxValue);
        // The fastest of many, so that a busy machine does not decide. Without the decoy the unknown one takes a twentieth of the time.
        for (var i = 0; i < 100 && (i < 8 || unknown / known is < 0.5 or > 2); i++)
        {
            known = Math.Min(known, await TimeAsync(SeedUsers.Demo.Email, i));
            unknown = Math.Min(unknown, await TimeAsync("nobody@quayside.test", i));
        }

        Assert.InRange(unknown / known, 0.5, 2);

        async Task<double> TimeAsync(string email, int client)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await identity.LoginAsync(email, "wrong-pass-1234", $"client-{client}");
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    [Theory]
    [InlineData("demo@quayside.test")]
    [InlineData("nobody@quayside.test")]
    public async Task After_ten_failures_a_client_waits_for_that_account_only_and_other_clients_do_not(string email)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(email, "wrong-pass-1234", "10.0.0.1")).StatusCode);
        using var refused = await identity.LoginAsync(email, SeedUsers.Demo.DevelopmentPassword, "10.0.0.1");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(5), refused.Headers.RetryAfter?.Delta);

        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync(SeedUsers.Demo.Email, SeedUsers.Demo.DevelopmentPassword, "10.0.0.2")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync(SeedUsers.Admin.Email, SeedUsers.Admin.DevelopmentPassword, "10.0.0.1")).StatusCode);

        identity.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await identity.LoginAsync(email, "wrong-pass-1234", "10.0.0.1")).StatusCode);
    }

    [Fact]
    public async Task A_thousand_bad_logins_from_one_client_are_soon_refused_without_work()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        for (var i = 0; i < 10; i++) await identity.LoginAsync(SeedUsers.Demo.Email, "wrong-pass-1234", "10.0.0.1");
        var reads = identity.Store.Reads;
        for (var i = 0; i < 990; i++)
            Assert.Equal(HttpStatusCode.TooManyRequests, (await identity.LoginAsync(SeedUsers.Demo.Email, "wrong-pass-1234", "10.0.0.1")).StatusCode);
        Assert.Equal(reads, identity.Store.Reads);
        await identity.LoginAsync(SeedUsers.Demo);
    }

    [Fact]
    public async Task Outside_of_development_only_an_admin_exists_with_the_password_that_was_set()
    {
        await using var identity = await IdentityUnderTest.StartAsync(null, null, "--Seed:Users=admin", "--Seed:AdminPassword=a-secret-of-ours");
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(SeedUsers.Demo.Email, SeedUsers.Demo.DevelopmentPassword)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(SeedUsers.Admin.Email, SeedUsers.Admin.DevelopmentPassword)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync(SeedUsers.Admin.Email, "a-secret-of-ours")).StatusCode);
    }

    [Theory]
    [InlineData("", "x", "email")]
    [InlineData("a@b", "", "password")]
    public async Task Empty_fields_are_named(string email, string password, string field)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        using var answer = await identity.LoginAsync(email, password);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"{field}\":", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_store_holds_no_password_no_address_and_no_private_key_in_the_clear()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var pair = await identity.LoginAsync(SeedUsers.Demo);
        var everything = string.Join('\n', identity.Store.Documents.Select(d => d.Key + d.Value));
        Assert.DoesNotContain("demo-pass", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("demo@", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(pair.RefreshToken.Split('.')[2], everything, StringComparison.Ordinal);
        var wrapped = JsonDocument.Parse(identity.Store.Documents["signing-keys"]).RootElement.GetProperty("keys")[0].GetProperty("wrappedPrivate").GetBytesFromBase64();
        using var key = System.Security.Cryptography.ECDsa.Create();
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => key.ImportPkcs8PrivateKey(wrapped.AsSpan(12), out _));
    }

    [Fact]
    public async Task Two_replicas_that_start_together_share_one_key()
    {
        await using var store = await FakeStore.StartAsync();
        var clock = new ServiceDefaults.ManualTime();
        var replicas = await Task.WhenAll(IdentityUnderTest.StartAsync(store, clock), IdentityUnderTest.StartAsync(store, clock));
        await using var first = replicas[0];
        await using var second = replicas[1];
        var token = (await first.LoginAsync(SeedUsers.Demo)).AccessToken;
        Assert.True((await second.ValidateAsync(token)).GetProperty("valid").GetBoolean());
        Assert.Equal(await first.Client.GetStringAsync("/.well-known/jwks.json"), await second.Client.GetStringAsync("/.well-known/jwks.json"));
    }

    [Fact]
    public async Task A_registrations_password_is_kept_once_for_callers_with_the_app_token_only()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        var request = new { registrationId = "6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c001", password = "a-new-pass-1234" };
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.PostAsync("/internal/credentials", request, appToken: "guess")).StatusCode);
        using var first = await identity.PostAsync("/internal/credentials", request);
        Assert.Equal("""{"result":"stored","reason":null}""", await first.Content.ReadAsStringAsync());
        using var second = await identity.PostAsync("/internal/credentials", request);
        Assert.Equal("""{"result":"kept","reason":null}""", await second.Content.ReadAsStringAsync());
        Assert.DoesNotContain("a-new-pass", identity.Store.Documents[$"registration-{request.registrationId}"], StringComparison.Ordinal);
    }

    private static async Task<string> WithoutTraceAsync(HttpResponseMessage answer)
    {
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return string.Join(';', problem.EnumerateObject().Where(p => p.Name != "traceId"));
    }
}
