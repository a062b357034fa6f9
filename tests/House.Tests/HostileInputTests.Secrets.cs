using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>Somebody reads what the house leaves behind: logs, data folder, published events.</summary>
public sealed partial class HostileInputTests
{
    [Fact]
    public async Task What_is_secret_is_nowhere_in_clear_and_an_address_of_mail_only_where_it_must_be()
    {
        var grace = new Newcomer(house.House, "grace.hopper@secrets.test", "Grace Hopper", "nanosecond-wire-1952");
        var nameless = new Newcomer(house.House, "nobody.at.all@secrets.test", "A name\nof two lines");
        var (registered, registration) = await grace.RegisteredAsync();
        Assert.Equal(("completed", "rejected"), (registered, (await nameless.RegisteredAsync()).Status));
        var first = await TokensAsync("/api/auth/login", new { email = grace.Email, password = grace.Password });
        JsonElement[] pairs = [first, await TokensAsync("/api/auth/refresh", new { refreshToken = Text(first, "refreshToken") })];
        var shopper = await Shopper.SignInAsync(house.House, grace.Email, grace.Password);
        foreach (var payment in new[] { "tok_ok", "tok_declined", "tok_that_nobody_knows" })
        {
            var order = await shopper.PlaceAsync(new
            {
                items = new[] { new { productId = "p-18", quantity = 1 } },
                payment = new { token = payment },
                shipTo = new { name = "Rear Admiral Hopper", street = "1701 Cobol Crescent", city = "Arlington-by-the-Sea", postcode = "VA-22203", country = "US" },
            });
            await shopper.FinalAsync(order);
            await shopper.NotificationsAsync(2, order);
        }

        string[] secrets =
        [
            grace.Password, "demo-pass-1234", "admin-pass-1234", .. pairs.Select(pair => Text(pair, "accessToken")), .. pairs.Select(pair => Text(pair, "refreshToken")),
            "\"tok_ok\"", "tok_declined", "tok_that_nobody_knows", "1701 Cobol Crescent", "Arlington-by-the-Sea", "VA-22203", "Rear Admiral",
        ];
        foreach (var secret in secrets)
        {
            // what the welcome page prints, and the world beyond the shop, are not the house's secrets to keep
            Assert.True(!house.House.Output.Contains(secret, StringComparison.Ordinal) || secret.EndsWith("-pass-1234", StringComparison.Ordinal), $"{secret} is in the log");
            Assert.Equal((secret, []), (secret, FilesWith(secret).Where(file => !file.StartsWith("data/apps/outside/", StringComparison.Ordinal))));
        }
        foreach (var email in new[] { grace.Email, nameless.Email })
        {
            Assert.DoesNotContain(email, house.House.Output, StringComparison.OrdinalIgnoreCase);
            // user.created is in the broker's log
            Assert.All(FilesWith(email), file => Assert.Matches(@"^(outbox/|data/apps/user-service/|data/.*(pubsub|broker))", file));
        }

        Assert.Contains(FilesWith(registration), file => file.StartsWith("data/workflow.db", StringComparison.Ordinal));
    }

    private async Task<JsonElement> TokensAsync(string path, object body)
    {
        using var answer = await house.House.Http.PostAsJsonAsync(path, body);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;

    /// <summary>Paths below the house's folder of the files that contain the text.</summary>
    private string[] FilesWith(string text)
    {
        var root = Path.GetDirectoryName(house.House.DataFolder)!;
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock" && House.ReadShared(file).AsSpan().IndexOf(bytes) >= 0)
            .Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)];
    }
}
