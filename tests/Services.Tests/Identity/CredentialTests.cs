using System.Net;

namespace Quayside.Services.Tests.Identity;

public sealed class CredentialTests
{
    private const string Registration = "6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c001";
    private const string Password = "a-new-pass-1234";
    private const string Ada = "ada@example.test";

    [Fact]
    public async Task A_waiting_password_is_no_login_until_it_is_activated_and_then_in_any_spelling()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        await TellAsync(identity, "", new { registrationId = Registration, password = Password });
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(Ada, Password)).StatusCode);

        Assert.Equal("""{"result":"activated"}""", await ActivateAsync(identity));
        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync(" ADA@Example.Test", Password)).StatusCode);
        Assert.Equal("""{"result":"activated"}""", await ActivateAsync(identity));
        Assert.DoesNotContain("PasswordHash\":\"", identity.Store.Documents[$"registration-{Registration}"], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Registering_once_more_with_another_password_changes_no_login_before_activation_nor_after()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        await TellAsync(identity, "", new { registrationId = Registration, password = Password });
        Assert.StartsWith("""{"result":"kept""", await TellAsync(identity, "", new { registrationId = Registration, password = "an-intruder-1234" }), StringComparison.Ordinal);
        await ActivateAsync(identity);
        Assert.StartsWith("""{"result":"kept""", await TellAsync(identity, "", new { registrationId = Registration, password = "an-intruder-1234" }), StringComparison.Ordinal);
        await ActivateAsync(identity);
        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync(Ada, Password)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(Ada, "an-intruder-1234")).StatusCode);
    }

    [Fact]
    public async Task Another_registration_never_takes_over_an_address_that_has_a_login()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync("demo@quayside.test", "demo-pass-1234")).StatusCode);
        await TellAsync(identity, "", new { registrationId = Registration, password = "an-intruder-1234" });
        Assert.Equal("""{"result":"taken"}""", await ActivateAsync(identity, "demo@quayside.test"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync("demo@quayside.test", "an-intruder-1234")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await identity.LoginAsync("demo@quayside.test", "demo-pass-1234")).StatusCode);
    }

    [Fact]
    public async Task A_dropped_password_activates_nothing_and_comes_back_by_no_repeat()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        await TellAsync(identity, "", new { registrationId = Registration, password = Password });
        Assert.Equal("""{"dropped":true}""", await TellAsync(identity, "/drop", new { registrationId = Registration }));
        Assert.Equal("""{"dropped":false}""", await TellAsync(identity, "/drop", new { registrationId = Registration }));
        await TellAsync(identity, "", new { registrationId = Registration, password = Password });
        Assert.Equal("""{"result":"missing"}""", await ActivateAsync(identity));
        Assert.Equal(HttpStatusCode.Unauthorized, (await identity.LoginAsync(Ada, Password)).StatusCode);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(257)]
    public async Task A_password_of_another_length_is_refused_by_a_result_and_nothing_is_stored(int length)
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        Assert.Equal(
            """{"result":"refused","reason":"must have 10 to 256 characters"}""",
            await TellAsync(identity, "", new { registrationId = Registration, password = new string('x', length) }));
        Assert.DoesNotContain($"registration-{Registration}", identity.Store.Documents.Keys);
    }

    [Fact]
    public async Task Only_the_own_sidecar_activates_and_drops()
    {
        await using var identity = await IdentityUnderTest.StartAsync();
        foreach (var path in new[] { "/internal/credentials/activate", "/internal/credentials/drop" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await identity.PostAsync(path, new { registrationId = Registration }, appToken: "guess")).StatusCode);
    }

    private static Task<string> ActivateAsync(IdentityUnderTest identity, string email = Ada) =>
        TellAsync(identity, "/activate", new { registrationId = Registration, userId = "user-ada", email });

    private static async Task<string> TellAsync(IdentityUnderTest identity, string path, object command)
    {
        using var answer = await identity.PostAsync($"/internal/credentials{path}", command);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}
