using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Outbox;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Servers;
using Quayside.Services.Tests.Participants;
using Quayside.Users;
using Quayside.Users.Registering;

namespace Quayside.Services.Tests.Users;

public sealed class SqliteDeletionTests() : DeletionTests(null);

public sealed class PostgresDeletionTests(PostgresServer server) : DeletionTests(server);

/// <summary>Users as it is shipped, on both databases, with a stand-in for Identity.</summary>
public abstract class DeletionTests(PostgresServer? server) : IAsyncLifetime
{
    private const string App = "user-service";
    private const string Registration = "6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c00a";
    private readonly ConcurrentQueue<DomainEvent> published = [];
    private readonly ConcurrentQueue<string> closed = [];
    private readonly HttpClient http = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("quayside-users-");
    private House house = null!;
    private WebApplication app = null!;
    private string? connection;
    private string ada = "";

    public async ValueTask InitializeAsync()
    {
        house = await House.EmptyAsync();
        connection = server is null ? null : await server.CreateDatabaseAsync();
        await StartAsync();
        await house.RunAsync([], ["auth-service"], (args, _) =>
        {
            var identity = WebApplication.CreateSlimBuilder(args).Build();
            identity.MapPost("/internal/accounts/close", (CloseAccount command) =>
            {
                closed.Enqueue(command.UserId);
                return new CloseAccountResult(true);
            });
            return identity;
        });
        ada = (await CreateAsync(Registration)).User!.UserId;
    }

    [Fact]
    public async Task A_deleted_profile_is_gone_for_everybody_its_logins_are_closed_and_the_topic_is_told_once()
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, ada)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, ada)).StatusCode);
        Assert.Equal([ada], closed);

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, ada)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, ada, "root", "admin")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Patch, ada, body: new { name = "Back" })).StatusCode);
        Assert.False((await house.PostAsync<CheckUser, CheckUserResult>(App, "internal/users/exists", new(ada))).Exists);
        Assert.Null((await house.PostAsync<ReadProfile, ReadProfileResult>(App, "internal/users/profile", new(ada))).Profile);

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, ada)).StatusCode);
        Assert.Equal([ada, ada], closed);
        var told = await ToldAsync();
        Assert.Equal([UserEvents.Created, UserEvents.Deleted], told.Select(happened => happened.EventType));
        Assert.Equal($$"""{"userId":"{{ada}}"}""", Encoding.UTF8.GetString(told[^1].Data.Span));
    }

    [Fact]
    public async Task Only_the_owner_and_an_admin_delete_and_only_what_they_have_seen()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Delete, ada, "somebody-else")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Delete, "nobody", "somebody-else")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, "nobody", "root", "admin")).StatusCode);
        using var anonymous = await http.SendAsync(house.Request(HttpMethod.Delete, App, $"/api/users/{ada}"));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Delete, ada, ifMatch: "\"7\"")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, ada)).StatusCode);
        Assert.Empty(closed);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, ada, "root", "admin", ifMatch: "\"1\"")).StatusCode);
        Assert.Equal("root", (await ToldAsync())[^1].Metadata.Actor);
    }

    [Fact]
    public async Task The_address_is_free_and_neither_the_same_registration_nor_a_restart_brings_the_old_user_back()
    {
        await SendAsync(HttpMethod.Delete, ada);
        await SendAsync(HttpMethod.Delete, SeedUsers.Demo.UserId, "root", "admin");
        Assert.Equal(new CreateUserResult(null, AlreadyRegistered: false), await CreateAsync(Registration));

        var again = await CreateAsync(Registration.Replace("c00a", "c00b", StringComparison.Ordinal));
        Assert.False(again.AlreadyRegistered);
        Assert.NotEqual(ada, again.User!.UserId);
        Assert.Equal(new CreateUserResult(null, AlreadyRegistered: false), await CreateAsync(Registration));

        await app.DisposeAsync();
        await StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, SeedUsers.Demo.UserId, "root", "admin")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, again.User.UserId, "root", "admin")).StatusCode);
    }

    [Fact]
    public async Task Nothing_of_the_profile_stays_in_the_database_not_even_in_the_event_that_told_the_address()
    {
        await SendAsync(HttpMethod.Patch, ada, body: new { name = "Augusta Byron", phone = "+44 20 1843" });
        var kept = await StoredAsync();
        Assert.All(["ada@example.test", "Augusta", "+44 20 1843"], text => Assert.Contains(text, kept, StringComparison.Ordinal));
        await SendAsync(HttpMethod.Delete, ada);
        var stored = await StoredAsync();
        Assert.All(["ada@example.test", "Ada Lovelace", "Augusta", "+44 20 1843"], text => Assert.DoesNotContain(text, stored, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(ada, stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_Identity_cannot_be_told_the_deletion_stands_and_202_says_that_logins_end_by_the_event()
    {
        house.Sidecar.BeforeCall = (target, _) => target == "auth-service" ? throw new HttpRequestException("down") : Task.CompletedTask;
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(HttpMethod.Delete, ada)).StatusCode);
        Assert.Equal(UserEvents.Deleted, (await ToldAsync())[^1].EventType);
        house.Sidecar.BeforeCall = (_, _) => Task.CompletedTask;
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, ada)).StatusCode);
    }

    [Fact]
    public async Task Changes_and_deletions_at_once_end_with_the_deletion_and_versions_without_a_gap()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => i % 4 == 3
            ? SendAsync(HttpMethod.Delete, ada)
            : SendAsync(HttpMethod.Patch, ada, body: new { name = $"Name {i}" })));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.NotFound, answer.StatusCode.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, ada)).StatusCode);
        var told = await ToldAsync();
        Assert.Equal(Enumerable.Range(1, told.Count).Select(version => (long)version), told.Select(happened => happened.Version));
        Assert.Single(told, happened => happened.EventType == UserEvents.Deleted);
        Assert.DoesNotContain("Name ", await StoredAsync(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (house is not null) await house.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task StartAsync() => app = await house.RunAsync(
        [$"--DataDirectory={folder.FullName}", .. connection is null ? [] : new[] { $"--ConnectionStrings:Users={connection}" }],
        [App],
        (args, _) => UsersApp.Build(args, services => services.AddSingleton<IJwksSource>(house.Tokens).AddSingleton<PublishEvent>((happened, _) =>
        {
            published.Enqueue(happened);
            return Task.CompletedTask;
        })));

    private async Task<CreateUserResult> CreateAsync(string registrationId)
    {
        await app.Services.GetRequiredService<RegistrationTable>().AddAsync(registrationId, new("Ada@example.test", "Ada Lovelace"), CancellationToken.None);
        return await house.PostAsync<CreateUser, CreateUserResult>(App, "internal/users/create", new(registrationId));
    }

    /// <summary>What the topic was told of Ada, to the deletion.</summary>
    private async Task<List<DomainEvent>> ToldAsync()
    {
        List<DomainEvent> told = [];
        await House.Until(() => Task.FromResult((told = [.. published.Where(happened => happened.AggregateId == ada)]).Exists(happened => happened.EventType == UserEvents.Deleted)));
        return told;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string id, string? user = null, string? role = null, object? body = null, string? ifMatch = null)
    {
        using var request = house.Request(method, App, $"/api/users/{id}");
        request.Headers.Authorization = new("Bearer", house.Tokens.Mint(user ?? ada, role));
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await http.SendAsync(request);
    }

    /// <summary>Every byte of the stopped database.</summary>
    private async Task<string> StoredAsync()
    {
        await app.DisposeAsync();
        var stored = connection is null
            ? string.Concat(folder.GetFiles("*", SearchOption.AllDirectories).Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file.FullName))))
            : await PostgresServer.DumpAsync(connection);
        await StartAsync();
        return stored;
    }
}
