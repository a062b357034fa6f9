using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Caching;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Outbox;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.Participants;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Users;

namespace Quayside.Services.Tests.Users;

public sealed class ProfileTests : IAsyncLifetime
{
    private readonly TestTokens tokens = new();
    private readonly ConcurrentQueue<DomainEvent> published = [];
    private readonly ConcurrentQueue<Invalidation> invalidations = [];
    private readonly string folder = Directory.CreateTempSubdirectory("quayside-users-").FullName;
    private WebApplication app = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        (app, client) = await StartAsync();
    }

    private async Task<(WebApplication App, HttpClient Client)> StartAsync()
    {
        var replica = UsersApp.Build(
            ["--urls=http://127.0.0.1:0", $"--DataDirectory={folder}", "--APP_API_TOKEN=app-token", "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Microsoft=None"],
            services => services.AddSingleton<IJwksSource>(tokens).AddSingleton<PublishEvent>((happened, _) =>
            {
                published.Enqueue(happened);
                return Task.CompletedTask;
            }).AddSingleton<PublishInvalidation>((invalidation, _) =>
            {
                invalidations.Enqueue(invalidation);
                return Task.CompletedTask;
            }));
        await replica.StartAsync();
        return (replica, new HttpClient { BaseAddress = new Uri(replica.Urls.Single()), DefaultRequestHeaders = { { "dapr-api-token", "app-token" } } });
    }

    [Fact]
    public async Task Another_replica_shows_a_changed_profile_when_it_hears_and_is_told_no_personal_data()
    {
        var (other, elsewhere) = await StartAsync();
        await using var _ = other;
        using var __ = elsewhere;
        Assert.Equal("Demo", await NameAsync());
        await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"name":"Renamed"}""");
        Assert.Equal("Demo", await NameAsync());

        var told = JsonSerializer.Serialize(Assert.Single(invalidations), JsonSerializerOptions.Web);
        Assert.DoesNotContain("Renamed", told, StringComparison.Ordinal);
        Assert.DoesNotContain("@", told, StringComparison.Ordinal);
        using var guessed = Request(HttpMethod.Post, "/events/cache-invalidations", told);
        guessed.Headers.Add("dapr-api-token", "guess");
        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.SendAsync(guessed)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.SendAsync(Request(HttpMethod.Post, "/events/cache-invalidations", told))).StatusCode);
        Assert.Equal("Renamed", await NameAsync());

        async Task<string?> NameAsync()
        {
            using var request = Request(HttpMethod.Get, $"/api/users/{SeedUsers.Demo.UserId}", null);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Mint(SeedUsers.Demo.UserId, SeedUsers.Demo.Role));
            return (await JsonAsync(await elsewhere.SendAsync(request))).GetProperty("name").GetString();
        }
    }

    [Fact]
    public async Task A_user_reads_the_own_profile_and_nobody_elses_an_admin_any()
    {
        using var own = await SendAsync(HttpMethod.Get, SeedUsers.Demo.UserId);
        var profile = await JsonAsync(own);
        Assert.Equal(("demo@quayside.test", "Demo", "\"1\""), (profile.GetProperty("email").GetString(), profile.GetProperty("name").GetString(), own.Headers.ETag?.Tag));

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Get, SeedUsers.Admin.UserId)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Get, "nobody")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Patch, SeedUsers.Admin.UserId, """{"name":"X"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, SeedUsers.Demo.UserId, caller: SeedUsers.Admin)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "nobody", caller: SeedUsers.Admin)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync($"/api/users/{SeedUsers.Demo.UserId}")).StatusCode);
    }

    [Fact]
    public async Task A_change_keeps_what_was_not_sent_and_clears_what_was_sent_as_null()
    {
        await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"phone":"+49 30 1234"}""");
        using var renamed = await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"name":" New Name "}""");
        var profile = await JsonAsync(renamed);
        Assert.Equal(("New Name", "+49 30 1234", "demo@quayside.test"), (profile.GetProperty("name").GetString(), profile.GetProperty("phone").GetString(), profile.GetProperty("email").GetString()));

        var cleared = await JsonAsync(await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"phone":null}"""));
        Assert.Equal((JsonValueKind.Null, "New Name"), (cleared.GetProperty("phone").ValueKind, cleared.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_script_in_a_name_is_kept_as_text_and_comes_back_as_JSON_that_no_browser_runs()
    {
        const string script = "<script>alert('Ada')</script>";
        using var changed = await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, JsonSerializer.Serialize(new { name = script }));
        foreach (var answer in new[] { changed, await SendAsync(HttpMethod.Get, SeedUsers.Demo.UserId) })
        {
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
            Assert.DoesNotContain("<", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(script, (await JsonAsync(answer)).GetProperty("name").GetString());
        }
    }

    [Fact]
    public async Task Of_two_changes_on_the_same_version_one_is_412()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, $$"""{"name":"N{{i}}"}""", ifMatch: "\"1\"")));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"name":"N"}""", ifMatch: "\"2\"")).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"name":"N"}""", ifMatch: "W/\"3\"")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"name":"N"}""", ifMatch: "*")).StatusCode);
    }

    [Theory]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":"a\u0000b"}""", "name")]
    [InlineData("""{"name":7}""", "name")]
    [InlineData("""{"phone":"call me"}""", "phone")]
    [InlineData("""{"email":"other@quayside.test"}""", "email")]
    [InlineData("""{"role":"admin"}""", "role")]
    public async Task A_field_that_cannot_be_changed_so_is_named_and_nothing_changes(string body, string field)
    {
        using var answer = await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await JsonAsync(answer)).GetProperty("errors").TryGetProperty(field, out _), await answer.Content.ReadAsStringAsync());
        Assert.Equal("\"1\"", (await SendAsync(HttpMethod.Get, SeedUsers.Demo.UserId)).Headers.ETag?.Tag);
    }

    [Fact]
    public async Task Services_ask_for_users_with_the_app_token_only()
    {
        Assert.Equal("""{"exists":true}""", await AskAsync("exists", SeedUsers.Demo.UserId));
        Assert.Equal("""{"exists":false}""", await AskAsync("exists", "nobody"));
        Assert.Equal($$$"""{"profile":{"userId":"{{{SeedUsers.Demo.UserId}}}","email":"demo@quayside.test","name":"Demo"}}""", await AskAsync("profile", SeedUsers.Demo.UserId));
        Assert.Equal("""{"profile":null}""", await AskAsync("profile", "nobody"));

        using var request = Request(HttpMethod.Post, "/internal/users/exists", $$"""{"userId":"{{SeedUsers.Demo.UserId}}"}""");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Mint(role: "admin"));
        request.Headers.Add("dapr-api-token", "guess");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request)).StatusCode);

        async Task<string> AskAsync(string what, string user)
        {
            using var question = Request(HttpMethod.Post, $"/internal/users/{what}", $$"""{"userId":"{{user}}"}""");
            return await (await client.SendAsync(question)).Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task A_change_is_told_on_the_topic_users_with_the_names_of_the_fields_and_nothing_in_them()
    {
        await SendAsync(HttpMethod.Patch, SeedUsers.Demo.UserId, """{"name":"Somebody Else","phone":"+49 30 1234"}""");
        DomainEvent[] told = [];
        await House.Until(() => Task.FromResult((told = [.. published.Where(e => e.AggregateId == SeedUsers.Demo.UserId)]).Length == 2));
        Assert.Equal([("user.created", 1L), ("user.updated", 2L)], told.Select(e => (e.EventType, e.Version)));
        Assert.Equal($$"""{"userId":"{{SeedUsers.Demo.UserId}}","email":"demo@quayside.test"}""", Encoding.UTF8.GetString(told[0].Data.Span));
        Assert.Equal($$"""{"userId":"{{SeedUsers.Demo.UserId}}","changed":["name","phone"]}""", Encoding.UTF8.GetString(told[1].Data.Span));
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        tokens.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    private static HttpRequestMessage Request(HttpMethod method, string path, string? json)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string id, string? json = null, SeedUser? caller = null, string? ifMatch = null)
    {
        using var request = Request(method, $"/api/users/{id}", json);
        var user = caller ?? SeedUsers.Demo;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Mint(user.UserId, user.Role));
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.SendAsync(request);
    }
}
