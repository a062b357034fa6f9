using System.Net;
using System.Text;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>POST /api/users to the end: the login, the mail, and what a stranger can and cannot tell.</summary>
public sealed class RegistrationTests(KindHouse kind) : IClassFixture<KindHouse>
{
    private readonly House house = kind.House;

    private string Outbox => Path.Combine(Path.GetDirectoryName(house.DataFolder)!, "outbox");

    [Fact]
    public async Task Who_has_registered_logs_in_changes_the_own_profile_and_orders()
    {
        var ada = new Newcomer(house, "Ada@first.test");
        Assert.Equal(HttpStatusCode.Unauthorized, await ada.LoginAsync());
        var (status, id) = await ada.RegisteredAsync();
        Assert.Equal("completed", status);

        var shopper = await Shopper.SignInAsync(house, "ada@FIRST.test", ada.Password);
        var profile = await shopper.GetAsync($"/api/users/{await shopper.UserIdAsync()}");
        Assert.Equal(("Ada@first.test", "Ada Lovelace"), (profile.GetProperty("email").GetString(), profile.GetProperty("name").GetString()));
        using var changed = await shopper.SendAsync(HttpMethod.Patch, $"/api/users/{await shopper.UserIdAsync()}", new { phone = "+44 20 1843" });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        var order = await shopper.PlaceAsync(Shopper.Basket((await shopper.ProductsAsync())[0]));
        Assert.Equal("shipped", (await shopper.FinalAsync(order)).GetProperty("status").GetString());

        Assert.Contains("To: Ada@first.test\nSubject: Welcome to Quayside", Mail(id), StringComparison.Ordinal);
        Assert.Contains(await shopper.NotificationsAsync(1), sent => sent.GetProperty("kind").GetString() == "welcome");
        await Shopper.UntilAsync(async () => Published($$"""{"userId":"{{await shopper.UserIdAsync()}}","email":"Ada@first.test"}"""), isThere => isThere);
        Assert.DoesNotContain(ada.Password, house.Output, StringComparison.Ordinal);
        Assert.Empty(FilesWith(ada.Password, Path.GetDirectoryName(house.DataFolder)!));
    }

    [Fact]
    public async Task A_taken_address_gets_the_answers_of_a_new_one_and_its_owner_a_mail()
    {
        var stranger = new Newcomer(house, "demo@Quayside.test", "Mallory Stranger", "let-me-in-please");
        using var fresh = await new Newcomer(house, "grace@new.test").RegisterAsync();
        using var taken = await stranger.RegisterAsync();
        Assert.Equal(await WholeAsync(fresh), await WholeAsync(taken));
        using var freshEnd = await Newcomer.EndAsync(house, fresh.Headers.Location!);
        using var takenEnd = await Newcomer.EndAsync(house, taken.Headers.Location!);
        Assert.Equal(await WholeAsync(freshEnd), await WholeAsync(takenEnd));
        Assert.Equal("""{"status":"completed"}""", await takenEnd.Content.ReadAsStringAsync());

        var mail = Mail(taken.Headers.Location!.ToString()["/api/registrations/".Length..]);
        Assert.Contains("To: demo@quayside.test\nSubject: You have an account already", mail, StringComparison.Ordinal);
        Assert.Contains("Dear customer,", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("Mallory", mail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.LoginAsync());
        await Shopper.DemoAsync(house);
        using var unknown = await house.Http.GetAsync($"/api/registrations/{Guid.NewGuid()}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("nobody", "Ada", "email", false)]
    [InlineData("eve@rejected.test", " ", "name", true)]
    public async Task A_field_that_breaks_a_rule_is_rejected_by_name_and_told_to_an_address_that_can_be_one(string email, string name, string field, bool isTold)
    {
        var eve = new Newcomer(house, email, name);
        using var accepted = await eve.RegisterAsync();
        using var end = await Newcomer.EndAsync(house, accepted.Headers.Location!);
        var answer = JsonDocument.Parse(await end.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("rejected", answer.GetProperty("status").GetString());
        Assert.Equal([field], answer.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(HttpStatusCode.Unauthorized, await eve.LoginAsync());
        var id = accepted.Headers.Location!.ToString()["/api/registrations/".Length..];
        Assert.Equal(isTold, File.Exists(Path.Combine(Outbox, $"{id}.eml")));
        if (isTold) Assert.Contains("To: eve@rejected.test\nSubject: Your registration", Mail(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_key_and_one_address_are_one_registration_and_the_first_name_and_password_stay()
    {
        var first = new Newcomer(house, "joan@repeat.test", "Joan Clarke", "the-first-password");
        var id = (await first.RegisteredAsync()).Id;
        var repeats = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (first with { Email = "JOAN@repeat.test", Name = $"Eve {i}", Password = "another-password" }).RegisteredAsync()));
        Assert.All(repeats, repeat => Assert.Equal(("completed", id), repeat));

        Assert.Equal(HttpStatusCode.Unauthorized, await (first with { Password = "another-password" }).LoginAsync());
        var joan = await Shopper.SignInAsync(house, first.Email, first.Password);
        Assert.Equal("Joan Clarke", (await joan.GetAsync($"/api/users/{await joan.UserIdAsync()}")).GetProperty("name").GetString());
        Assert.Single(MailsTo("joan@repeat.test"));
    }

    [Fact]
    public async Task Of_twenty_who_register_one_address_at_once_one_is_the_user_and_all_hear_the_same()
    {
        var spellings = new[] { "alan@crowd.test", "ALAN@CROWD.TEST", "Alan@Crowd.Test", " alan@crowd.test " };
        var crowd = Enumerable.Range(0, 20).Select(i => new Newcomer(house, spellings[i % 4], $"Alan {i}", $"password-number-{i}")).ToArray();
        var answers = await Task.WhenAll(crowd.Select(one => one.RegisterAsync()));
        Assert.Single((await Task.WhenAll(answers.Select(WholeAsync))).Distinct());
        Assert.Equal(20, answers.Select(answer => answer.Headers.Location).Distinct().Count());
        var ends = await Task.WhenAll(answers.Select(answer => Newcomer.EndAsync(house, answer.Headers.Location!)));
        Assert.Single((await Task.WhenAll(ends.Select(WholeAsync))).Distinct());

        // One after the other: the throttle lets a client fail ten times with one account.
        var logins = new List<HttpStatusCode>();
        foreach (var one in crowd.OrderByDescending(IsWelcomed).Take(5)) logins.Add(await one.LoginAsync());
        Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.Unauthorized, 4)], logins);
        var mails = MailsTo("alan@crowd.test");
        // The owner hears of one in nineteen: the rest of the day nobody fills his mailbox.
        Assert.Equal((1, 1), (mails.Count(mail => mail.Contains("Welcome to Quayside", StringComparison.Ordinal)), mails.Count(mail => mail.Contains("You have an account already", StringComparison.Ordinal))));

        bool IsWelcomed(Newcomer one) => Directory.GetFiles(Outbox, $"{IdOf(one)}.eml").Any(mail => File.ReadAllText(mail).Contains("Welcome", StringComparison.Ordinal));

        string IdOf(Newcomer one) => answers[Array.IndexOf(crowd, one)].Headers.Location!.ToString()["/api/registrations/".Length..];
    }

    [Theory]
    [InlineData("user-service")]
    [InlineData("workflows")]
    [InlineData("auth-service")]
    public async Task A_kill_in_the_middle_loses_no_registration_and_doubles_none(string appId)
    {
        var crowd = Enumerable.Range(0, 12).Select(i => new Newcomer(house, $"user{i}@{appId}.test")).ToArray();
        var registrations = crowd.Select(one => one.RegisteredAsync()).ToArray();
        await Shopper.UntilAsync(() => Task.FromResult(MailsTo($"user*@{appId}.test").Count), mails => mails > 0);
        house.KillApp(appId);
        Assert.All(await Task.WhenAll(registrations), end => Assert.Equal("completed", end.Status));
        foreach (var one in crowd)
        {
            await Shopper.SignInAsync(house, one.Email, one.Password);
            Assert.Contains("Welcome to Quayside", Assert.Single(MailsTo(one.Email)), StringComparison.Ordinal);
        }
    }

    private string Mail(string id) => File.ReadAllText(Path.Combine(Outbox, $"{id}.eml"));

    private List<string> MailsTo(string address)
    {
        var to = new System.Text.RegularExpressions.Regex($"^To: {address.Replace("*", @"\d+", StringComparison.Ordinal)}\\s*$", System.Text.RegularExpressions.RegexOptions.Multiline | System.Text.RegularExpressions.RegexOptions.IgnoreCase);
        return !Directory.Exists(Outbox) ? [] : [.. Directory.GetFiles(Outbox).Select(File.ReadAllText).Where(mail => to.IsMatch(mail))];
    }

    /// <summary>Whether the broker has it; the app's own store is not the broker.</summary>
    private bool Published(string data) => FilesWith(data, house.DataFolder).Any(file => !file.StartsWith(Path.Combine(house.DataFolder, "apps"), StringComparison.Ordinal));

    private static IEnumerable<string> FilesWith(string text, string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != "lock" && House.ReadShared(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    /// <summary>Status, headers and body; only what differs between any two answers is left out.</summary>
    private static async Task<string> WholeAsync(HttpResponseMessage answer)
    {
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Date" or "X-Correlation-Id" or "Location"));
        return $"{(int)answer.StatusCode} {string.Join(';', headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}"))} {await answer.Content.ReadAsStringAsync()}";
    }
}
