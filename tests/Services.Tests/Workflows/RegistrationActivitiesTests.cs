using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Notifications;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;
using Quayside.Services.Tests.Participants;
using Quayside.Workflows.UserRegistration;

namespace Quayside.Services.Tests.Workflows;

/// <summary>What the activities tell whom, in which order.</summary>
public sealed class RegistrationActivitiesTests : IAsyncLifetime
{
    private static readonly RegistrationState Given = new("6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c001");

    /// <summary>As it stands in histories from before Users kept what was given.</summary>
    private static readonly RegistrationState Old = Given with { Email = " ada@example.test ", Name = " Ada " };

    private readonly ConcurrentQueue<string> told = [];
    private House house = null!;
    private Invoker invoker = null!;
    private Registrant? registrant = new("ada@example.test", "Ada");
    private CreateUserResult created = new(new("user-1", "ada@example.test", "Ada"), AlreadyRegistered: false);
    private ActivateOutcome activated = ActivateOutcome.Activated;

    public async ValueTask InitializeAsync()
    {
        house = await House.EmptyAsync();
        invoker = new(new ConfigurationBuilder().AddInMemoryCollection([new("DAPR_HTTP_ENDPOINT", house.Sidecar.HttpEndpoint)]).Build());
        await house.RunAsync([], ["user-service", "auth-service", "notification-service"], (args, _) =>
        {
            var app = WebApplication.CreateSlimBuilder(args).Build();
            app.MapPost("/internal/{**path}", (string path, JsonElement body) =>
            {
                told.Enqueue($"{path} {body.GetRawText()}");
                return Results.Json<object>(path switch
                {
                    "users/registration" => new ReadRegistrationResult(registrant),
                    "users/create" => created,
                    "credentials/activate" => new ActivateCredentialResult(activated),
                    "credentials/drop" => new DropCredentialResult(true),
                    _ => new MailSent("sent"),
                });
            });
            return app;
        });
    }

    [Theory]
    [InlineData("ada.example.test", "Ada", "email")]
    [InlineData("ada@localhost", "Ada", "email")]
    [InlineData("ada@example..test", "Ada", "email")]
    [InlineData("ada eve@example.test", "Ada", "email")]
    [InlineData("ada@example.test\nBcc: eve@example.test", "Ada", "email")]
    [InlineData("", "Ada", "email")]
    [InlineData("ada@example.test", "", "name")]
    [InlineData("ada@example.test", "A\u0007da", "name")]
    [InlineData("ada@", "", "email name")]
    public async Task What_Users_keeps_is_judged(string email, string name, string fields)
    {
        registrant = new(email, name);
        var refused = await Assert.ThrowsAsync<ValidationError>(() => ValidateAsync(Given));
        var errors = ValidationError.TryRead(new(refused.GetType().FullName!, refused.Message))!;
        Assert.Equal(fields, string.Join(' ', errors.Keys));
        Assert.Equal($$"""users/registration {"registrationId":"{{Given.RegistrationId}}"}""", Assert.Single(told));
        await Assert.ThrowsAsync<ValidationError>(() => ValidateAsync(Given with { Email = email, Name = name }));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task A_name_has_at_most_a_hundred_characters(int length, bool isValid)
    {
        registrant = new("ada@example.test", new string('a', length));
        Assert.Equal(isValid, await Record.ExceptionAsync(() => ValidateAsync(Given)) is null);
    }

    [Fact]
    public async Task What_is_valid_or_was_judged_before_or_came_with_an_older_registration_goes_on_as_it_is()
    {
        Assert.Equal(Given, await ValidateAsync(Given));
        registrant = null;
        Assert.Equal(Given, await ValidateAsync(Given));
        Assert.Equal(Old, await ValidateAsync(Old));
        Assert.Equal(2, told.Count);
    }

    [Fact]
    public async Task The_user_comes_first_then_his_login()
    {
        var user = await CreateAsync();
        Assert.Equal(new RegisteredUser(Given.RegistrationId, "user-1", AlreadyRegistered: false), user);
        Assert.Equal(
            [
                $$"""users/create {"registrationId":"{{Given.RegistrationId}}","email":null,"name":null}""",
                $$"""credentials/activate {"registrationId":"{{Given.RegistrationId}}","userId":"user-1","email":"ada@example.test"}""",
            ],
            told);
    }

    [Fact]
    public async Task An_older_registration_brings_its_fields_itself()
    {
        Assert.Equal("user-1", (await new CreateUserActivity(invoker).RunAsync(null!, Old))?.UserId);
        Assert.Equal($$"""users/create {"registrationId":"{{Given.RegistrationId}}","email":"ada@example.test","name":"Ada"}""", told.First());
    }

    [Fact]
    public async Task For_a_taken_address_the_password_is_dropped_and_the_owner_is_all_that_goes_on()
    {
        created = new(new("owner", "Ada@Example.test", "The Owner"), AlreadyRegistered: true);
        var user = await CreateAsync();
        Assert.Equal(new RegisteredUser(Given.RegistrationId, "owner", AlreadyRegistered: true), user);
        Assert.Equal($$"""credentials/drop {"registrationId":"{{Given.RegistrationId}}"}""", told.Last());
        Assert.Equal(2, told.Count);

        await new SendWelcomeEmailActivity(invoker).RunAsync(null!, user!);
        Assert.Equal(
            $$"""notifications/welcome {"registrationId":"{{Given.RegistrationId}}","userId":"owner","alreadyRegistered":true}""",
            told.Last());
    }

    [Fact]
    public async Task A_registration_whose_user_was_deleted_since_brings_nobody_back()
    {
        created = new(null, AlreadyRegistered: false);
        Assert.Null(await CreateAsync());
        Assert.Equal($$"""credentials/drop {"registrationId":"{{Given.RegistrationId}}"}""", told.Last());
        Assert.Equal(2, told.Count);
    }

    [Fact]
    public async Task A_user_who_is_deleted_before_the_login_is_made_is_no_failure()
    {
        activated = ActivateOutcome.Closed;
        Assert.Equal("user-1", (await CreateAsync())?.UserId);
    }

    [Theory]
    [InlineData(ActivateOutcome.Missing)]
    [InlineData(ActivateOutcome.Taken)]
    public async Task A_user_without_login_is_a_failure_to_be_tried_again(ActivateOutcome outcome)
    {
        activated = outcome;
        await Assert.ThrowsAsync<InvalidOperationException>(CreateAsync);
        activated = ActivateOutcome.Activated;
        Assert.Equal("user-1", (await CreateAsync())?.UserId);
    }

    [Fact]
    public async Task A_rejection_is_told_to_a_plausible_address_only_and_without_the_name()
    {
        var rejected = new RejectedRegistration(Given.RegistrationId, new Dictionary<string, string[]> { ["name"] = ["is too long"] });
        Assert.True(await RejectAsync(rejected));
        Assert.Equal(
            [
                $$"""users/registration {"registrationId":"{{Given.RegistrationId}}"}""",
                $$$"""notifications/validation-error {"registrationId":"{{{Given.RegistrationId}}}","email":"ada@example.test","errors":{"name":["is too long"]}}""",
            ],
            told);
        var asked = told.Last();
        Assert.True(await RejectAsync(rejected with { Email = " ada@example.test" }));
        Assert.Equal([asked, asked], told.Skip(1));

        registrant = null;
        Assert.False(await RejectAsync(rejected));
        Assert.Equal(4, told.Count);
        Assert.False(await RejectAsync(new(Given.RegistrationId, new Dictionary<string, string[]> { ["email"] = ["must be an e-mail address"] })));
        Assert.Equal(4, told.Count);
    }

    public async ValueTask DisposeAsync()
    {
        invoker.Dispose();
        await house.DisposeAsync();
    }

    private Task<RegistrationState> ValidateAsync(RegistrationState input) => new ValidateUserActivity(invoker).RunAsync(null!, input);

    private Task<bool> RejectAsync(RejectedRegistration input) => new SendValidationErrorActivity(invoker).RunAsync(null!, input);

    private Task<RegisteredUser?> CreateAsync() => new CreateUserActivity(invoker).RunAsync(null!, Given);
}
