using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Registrations;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Outbox;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.Participants;
using Quayside.Users;

namespace Quayside.Services.Tests.Users;

/// <summary>Users as it is shipped, with stand-ins for what it calls: Identity and the workflows.</summary>
public sealed class RegistrationTests : IAsyncLifetime
{
    private const string Ada = """{"email":"ada@example.test","name":"Ada","password":"a-new-pass-1234"}""";

    private readonly ConcurrentQueue<object> told = [];
    private readonly ConcurrentQueue<DomainEvent> published = [];
    private readonly HttpClient http = new();
    private House house = null!;
    private RegisterCredentialResult credential = new(RegisterOutcome.Stored);
    private AskRegistrationResult status = new(RegistrationStatus.Completed);

    public async ValueTask InitializeAsync()
    {
        house = await House.EmptyAsync();
        await house.RunAsync([], ["user-service"], Users);
        await house.RunAsync([], ["auth-service"], (args, _) => StandIn(args, app => app.MapPost("/internal/credentials", (RegisterCredential password) =>
        {
            told.Enqueue(password);
            return credential;
        })));
        await house.RunAsync([], ["workflows"], (args, _) => StandIn(args, app =>
        {
            app.MapPost("/internal/registrations", (JsonElement start) =>
            {
                told.Enqueue(start.GetRawText());
                return new StartRegistrationResult(true);
            });
            app.MapPost("/internal/registrations/status", (AskRegistration question) => question.RegistrationId == Guid.Empty.ToString() ? new AskRegistrationResult(null) : status);
        }));
    }

    [Fact]
    public async Task A_registration_gives_Identity_the_password_first_keeps_the_rest_and_gives_the_workflow_the_id()
    {
        using var answer = await RegisterAsync("key", Ada);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("""{"status":"running"}""", await answer.Content.ReadAsStringAsync());
        var id = IdOf(answer);
        Assert.Equal([new RegisterCredential(id, "a-new-pass-1234", "10.0.0.7"), $$"""{"registrationId":"{{id}}"}"""], told);
        Assert.Equal(new Registrant("ada@example.test", "Ada"), await GivenAsync(id));
    }

    [Fact]
    public async Task One_key_and_one_address_in_any_spelling_are_one_registration_whatever_else_the_body_says()
    {
        using var first = await RegisterAsync("key", Ada);
        using var other = await RegisterAsync("key", """{"email":" ADA@Example.test ","name":"Eve","password":"another-pass-1234"}""");
        Assert.Equal((HttpStatusCode.Accepted, IdOf(first)), (other.StatusCode, IdOf(other)));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
        Assert.Equal(new Registrant("ada@example.test", "Ada"), await GivenAsync(IdOf(first)));
        Assert.NotEqual(IdOf(first), IdOf(await RegisterAsync("key", Ada.Replace("ada@", "eve@", StringComparison.Ordinal))));
        Assert.NotEqual(IdOf(first), IdOf(await RegisterAsync("another key", Ada)));
        Assert.Equal('5', IdOf(first)[14]);
    }

    [Fact]
    public async Task Nobody_computes_an_id_from_key_and_address_another_installation_has_another()
    {
        using var here = await RegisterAsync("key", Ada);
        await house.RunAsync([$"--DataDirectory={Directory.CreateTempSubdirectory("quayside-users-").FullName}"], ["user-service"], Users);
        using var there = await RegisterAsync("key", Ada);
        Assert.NotEqual(IdOf(here), IdOf(there));
    }

    [Theory]
    [InlineData("""{"name":"Ada","password":"a-new-pass-1234"}""", "email")]
    [InlineData("""{"email":"ada@example.test","password":"a-new-pass-1234"}""", "name")]
    [InlineData("""{"email":"ada@example.test","name":"Ada"}""", "password")]
    [InlineData("""{"email":null,"name":"Ada","password":"a-new-pass-1234"}""", "email")]
    [InlineData("""{"email":7,"name":"Ada","password":"a-new-pass-1234"}""", "email")]
    [InlineData("""{"email":"ada@example.test","name":"Ada","password":"a-new-pass-1234","role":"admin"}""", "role")]
    public async Task A_body_of_another_shape_is_400_naming_the_field_and_tells_nobody(string body, string field)
    {
        using var answer = await RegisterAsync("key", body);
        await RefusedAsync(answer, field);
        Assert.Empty(told);
    }

    [Fact]
    public async Task A_missing_key_an_endless_one_and_a_name_that_no_database_keeps_are_400()
    {
        await RefusedAsync(await RegisterAsync(null, Ada), "Idempotency-Key");
        await RefusedAsync(await RegisterAsync(new string('k', 201), Ada), "Idempotency-Key");
        await RefusedAsync(await RegisterAsync("key", Ada.Replace("\"Ada\"", $"\"{new string('a', 1001)}\"", StringComparison.Ordinal)), "name");
        await RefusedAsync(await RegisterAsync("key", Ada.Replace("\"Ada\"", "\"A\\u0000da\"", StringComparison.Ordinal)), "name");
        await RefusedAsync(await RegisterAsync("key", Ada.Replace("ada@", "\\u0000ada@", StringComparison.Ordinal)), "email");
        Assert.Empty(told);
    }

    [Fact]
    public async Task A_password_that_Identity_refuses_is_400_and_starts_nothing()
    {
        credential = new(RegisterOutcome.Refused, "must be better");
        using var answer = await RegisterAsync("key", Ada);
        await RefusedAsync(answer, "password");
        Assert.IsType<RegisterCredential>(Assert.Single(told));
    }

    [Fact]
    public async Task A_busy_Identity_is_asked_again_and_in_the_end_the_caller_is_told_when_to_come_back()
    {
        credential = new(RegisterOutcome.Busy);
        using var answer = await RegisterAsync("key", Ada);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        Assert.Equal(4, told.Count(one => one is RegisterCredential));
        Assert.Equal(4, told.Count);
    }

    [Theory]
    [InlineData("auth-service", 0)]
    [InlineData("workflows", 1)]
    public async Task A_neighbour_that_is_down_is_503_with_Retry_After_and_without_password_nothing_starts(string app, int expected)
    {
        house.Sidecar.BeforeCall = (target, _) => target == app ? throw new HttpRequestException("down") : Task.CompletedTask;
        using var answer = await RegisterAsync("key", Ada);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        Assert.Equal(expected, told.Count);
    }

    [Fact]
    public async Task In_its_first_second_a_registration_is_running_though_it_ended_long_ago()
    {
        using var answer = await RegisterAsync("key", Ada);
        var path = answer.Headers.Location!.ToString();
        Assert.Equal("""{"status":"running"}""", await GetAsync(path));
        await House.Until(async () => await GetAsync(path) == """{"status":"completed"}""");
    }

    [Fact]
    public async Task Errors_are_shown_of_a_rejected_registration_and_an_unknown_one_is_404()
    {
        status = new(RegistrationStatus.Rejected, new Dictionary<string, string[]> { ["email"] = ["must be an e-mail address"] });
        Assert.Equal("""{"status":"rejected","errors":{"email":["must be an e-mail address"]}}""", await GetAsync($"/api/registrations/{Guid.NewGuid()}"));
        foreach (var unknown in new[] { Guid.Empty.ToString(), "no-uuid" })
        {
            using var answer = await http.SendAsync(house.Request(HttpMethod.Get, "user-service", $"/api/registrations/{unknown}"));
            Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }
    }

    [Fact]
    public async Task Of_twenty_registrations_of_one_address_one_creates_the_user_and_its_event_the_others_hear_who_owns_it()
    {
        var spellings = new[] { "ada@example.test", "ADA@EXAMPLE.TEST", "Ada@Example.Test", "aDa@example.test" };
        var registrations = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => GiveAsync(spellings[i % 4])));
        var results = await Task.WhenAll(registrations.Select(CreateAsync));

        var created = Assert.Single(results, result => !result.AlreadyRegistered).User!;
        Assert.All(results, result => Assert.Equal(created, result.User));
        Assert.Equal(results, await Task.WhenAll(registrations.Select(CreateAsync)));
        await CreateAsync(await GiveAsync("last@example.test"));
        await House.Until(() => Task.FromResult(published.Any(happened => Encoding.UTF8.GetString(happened.Data.Span).Contains("last@", StringComparison.Ordinal))));
        var happened = Assert.Single(published, happened => happened.AggregateId == created.UserId);
        Assert.Equal(("user.created", 1L), (happened.EventType, happened.Version));
        Assert.Equal($$"""{"userId":"{{created.UserId}}","email":"{{created.Email}}"}""", Encoding.UTF8.GetString(happened.Data.Span));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await house.DisposeAsync();
    }

    private WebApplication Users(string[] args, Action<WebApplicationBuilder>? configure) => UsersApp.Build(args, services =>
        services.AddSingleton<IJwksSource>(house.Tokens).AddSingleton<PublishEvent>((happened, _) =>
        {
            published.Enqueue(happened);
            return Task.CompletedTask;
        }));

    private static WebApplication StandIn(string[] args, Action<WebApplication> map)
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        map(app);
        return app;
    }

    private Task<CreateUserResult> CreateAsync(string registrationId) =>
        house.PostAsync<CreateUser, CreateUserResult>("user-service", "internal/users/create", new(registrationId));

    private async Task<Registrant?> GivenAsync(string registrationId) =>
        (await house.PostAsync<ReadRegistration, ReadRegistrationResult>("user-service", "internal/users/registration", new(registrationId))).Given;

    private async Task<string> GiveAsync(string email) =>
        IdOf(await RegisterAsync(Guid.NewGuid().ToString(), Ada.Replace("ada@example.test", email, StringComparison.Ordinal)));

    private async Task<HttpResponseMessage> RegisterAsync(string? key, string body)
    {
        using var request = house.Request(HttpMethod.Post, "user-service", "/api/users");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Add("X-Client-Address", "10.0.0.7");
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await http.SendAsync(request);
    }

    private async Task<string> GetAsync(string path)
    {
        using var answer = await http.SendAsync(house.Request(HttpMethod.Get, "user-service", path));
        return await answer.Content.ReadAsStringAsync();
    }

    private static string IdOf(HttpResponseMessage answer) => answer.Headers.Location!.ToString()["/api/registrations/".Length..];

    private static async Task RefusedAsync(HttpResponseMessage answer, string field)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }
}
