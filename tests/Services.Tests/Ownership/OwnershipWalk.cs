using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Quayside.Contracts.Users;
using Quayside.Services.Tests.Models;
using Quayside.Users.Registering;
using Xunit.Sdk;

namespace Quayside.Services.Tests.Ownership;

/// <summary>
/// Each profile bears the mark of who registered it. After each request: whoever got an answer with a profile or a token in it got an own one, and every profile
/// still bears its mark, or was deleted by its owner.
/// </summary>
internal sealed class OwnershipWalk(AccountsHouse house)
{
    public const int Commands = 12;

    private readonly string walk = Guid.NewGuid().ToString("N")[..12];
    private readonly Dictionary<string, (int Owner, string? Profile)> users = [];
    private readonly Session[] sessions = [new(), new(), new()];
    private readonly StringBuilder story = new();
    private int actions;

    public async Task RunAsync(Move[] moves)
    {
        try
        {
            foreach (var customer in new[] { 0, 1 })
            {
                await RegisterAsync(customer, customer);
                await LoginAsync(customer, customer);
            }

            foreach (var move in moves)
            {
                await MakeAsync(move.Actor, move.Command, move.Which);
                await CheckAsync();
            }

            foreach (var actor in new[] { 0, 1, 2 }) await MustStillBeInAsync(actor);
        }
        catch (Exception failure)
        {
            throw new XunitException($"{story}\n{(failure is XunitException ? failure.Message : failure)}", failure);
        }
    }

    private Task MakeAsync(int actor, int command, int which) => command switch
    {
        0 => RegisterAsync(actor, actor),
        1 => RegisterAsync(actor, Other(actor, which)),
        2 => LoginAsync(actor, actor),
        3 => LoginAsync(actor, Other(actor, which)),
        4 => RefreshAsync(actor),
        5 => RefreshStolenAsync(actor, Other(actor, which)),
        6 => LogoutAsync(actor),
        7 => ProfileAsync(actor, HttpMethod.Get, AnyUser(which), sessions[actor].Access),
        8 => ProfileAsync(actor, HttpMethod.Patch, AnyUser(which), sessions[actor].Access),
        9 => ProfileAsync(actor, HttpMethod.Delete, AnyUser(which), sessions[actor].Access),
        10 => ProfileAsync(actor, which % 2 == 0 ? HttpMethod.Get : HttpMethod.Patch, AnyUser(which), Renamed(sessions[actor].Access, AnyUser(which))),
        _ => ProfileAsync(actor, HttpMethod.Get, AnyUser(which), sessions[actor].Refresh),
    };

    /// <summary>Under any spelling of the address; the id of the user follows from that of the registration.</summary>
    private async Task RegisterAsync(int actor, int address)
    {
        // The same keys for all: whoever guesses a key must gain nothing by it.
        var key = $"key-{actions % 3}";
        using var answer = await SendAsync(actor, HttpMethod.Post, "/api/users", null, new { email = Spelling(address), name = Mark(actor), password = Password(actor) }, key);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var userId = RegistrationIds.UserOf(answer.Headers.Location!.ToString()["/api/registrations/".Length..]);
        if (await house.ProfileAsync(userId) is { } made) users.TryAdd(userId, (actor, made.Name));
    }

    private async Task LoginAsync(int actor, int address)
    {
        using var answer = await SendAsync(actor, HttpMethod.Post, "/api/auth/login", null, new { email = Spelling(address), password = Password(actor) });
        if (answer.StatusCode == HttpStatusCode.OK) await TakeAsync(actor, answer);
        else Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, answer.StatusCode.ToString());
    }

    private async Task RefreshAsync(int actor)
    {
        if (sessions[actor].Refresh is not { } token) return;
        using var answer = await SendAsync(actor, HttpMethod.Post, "/api/auth/refresh", null, new { refreshToken = token });
        Assert.Equal(sessions[actor].IsAlive ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
        if (answer.StatusCode == HttpStatusCode.OK) await TakeAsync(actor, answer);
    }

    /// <summary>What can be read of another's token in a log, family and generation, under a mac of one's own.</summary>
    private async Task RefreshStolenAsync(int actor, int other)
    {
        if (sessions[actor].Refresh?.Split('.') is not { } own || sessions[other].Refresh?.Split('.') is not { } seen) return;
        using var answer = await SendAsync(actor, HttpMethod.Post, "/api/auth/refresh", null, new { refreshToken = $"{seen[0]}.{seen[1]}.{own[2]}" });
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        using var logout = await SendAsync(actor, HttpMethod.Post, "/api/auth/logout", null, new { refreshToken = $"{seen[0]}.{seen[1]}.{own[2]}" });
    }

    private async Task LogoutAsync(int actor)
    {
        if (sessions[actor].Refresh is not { } token) return;
        using var answer = await SendAsync(actor, HttpMethod.Post, "/api/auth/logout", null, new { refreshToken = token });
        sessions[actor] = sessions[actor] with { IsAlive = false };
    }

    private async Task ProfileAsync(int actor, HttpMethod method, string userId, string? token)
    {
        var change = method == HttpMethod.Patch ? new { name = Mark(actor) } : null;
        using var answer = await SendAsync(actor, method, $"/api/users/{userId}", token, change);
        if (!answer.IsSuccessStatusCode) return;
        Assert.Equal(actor, users[userId].Owner);
        if (method == HttpMethod.Delete) users[userId] = (actor, null);
        else if (method == HttpMethod.Patch) users[userId] = (actor, change!.name);
        if (method == HttpMethod.Delete && sessions[actor].UserId == userId) sessions[actor] = sessions[actor] with { IsAlive = false };
        if (method != HttpMethod.Delete) Assert.Equal(userId, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString());
    }

    private async Task TakeAsync(int actor, HttpResponseMessage answer)
    {
        var pair = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var access = pair.GetProperty("accessToken").GetString()!;
        var userId = new JsonWebToken(access).Subject;
        Assert.Equal(actor, users[userId].Owner);
        sessions[actor] = new(userId, access, pair.GetProperty("refreshToken").GetString(), IsAlive: true);
    }

    private async Task CheckAsync()
    {
        foreach (var (userId, (_, expected)) in users) Assert.Equal(expected, (await house.ProfileAsync(userId))?.Name);
    }

    /// <summary>Nobody was logged out by others, and nobody is locked out.</summary>
    private async Task MustStillBeInAsync(int actor)
    {
        await RefreshAsync(actor);
        if (!users.Any(user => user.Value.Owner == actor && user.Value.Profile is not null)) return;
        foreach (var address in new[] { 0, 1, 2 })
        {
            await LoginAsync(actor, address);
            if (sessions[actor].IsAlive) return;
        }

        Assert.Fail($"{actor} has a profile and no login");
    }

    private Task<HttpResponseMessage> SendAsync(int actor, HttpMethod method, string path, string? token, object? body, string? key = null)
    {
        actions++;
        story.AppendLine(CultureInfo.InvariantCulture, $"{actor} {method} {path} {key} {(body is null ? "" : JsonSerializer.Serialize(body))} {(token is null ? "" : "with a token")}");
        return house.SendAsync($"10.{actor}.{walk}", method, path, token, body, key);
    }

    private static int Other(int actor, int which) => (actor + 1 + which % 2) % 3;

    /// <summary>An id that exists, or one that nobody has.</summary>
    private string AnyUser(int which) => users.Count == 0 || which == 3 ? Guid.NewGuid().ToString() : users.Keys.ElementAt((which + actions) % users.Count);

    private string Spelling(int address) => (actions % 3) switch
    {
        0 => $"{address}-{walk}@walks.test",
        1 => $" {address}-{walk.ToUpperInvariant()}@Walks.TEST ",
        _ => $"{address}-{walk}@walKs.test",
    };

    private string Mark(int actor) => $"{actor} marks {actions}";

    private static string Password(int actor) => $"the-password-of-{actor}";

    /// <summary>The own token with another's id in it.</summary>
    private static string? Renamed(string? token, string userId)
    {
        if (token?.Split('.') is not [var header, var payload, var signature]) return null;
        var claims = JsonSerializer.Deserialize<Dictionary<string, object>>(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Decode(payload))!;
        claims["sub"] = userId;
        claims["role"] = "admin";
        return $"{header}.{Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Encode(JsonSerializer.Serialize(claims))}.{signature}";
    }

    private sealed record Session(string? UserId = null, string? Access = null, string? Refresh = null, bool IsAlive = false);
}
