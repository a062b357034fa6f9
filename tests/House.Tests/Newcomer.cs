using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>Somebody who registers at the gateway and repeats what was not answered, as a careful client does.</summary>
internal sealed record Newcomer(House House, string Email, string Name = "Ada Lovelace", string Password = "analytical-engine-1843")
{
    /// <summary>A breaker that a killed app has opened stays open for a minute; then the workflow's pause may be another.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    public string Key { get; init; } = Guid.NewGuid().ToString();

    /// <summary>The answer to the POST, once it was accepted.</summary>
    public async Task<HttpResponseMessage> RegisterAsync()
    {
        var answer = await Shopper.InsistAsync(PostAsync, Limit);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;

        async Task<HttpResponseMessage> PostAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/users") { Content = JsonContent.Create(new { email = Email, name = Name, password = Password }) };
            request.Headers.Add("Idempotency-Key", Key);
            return await House.Http.SendAsync(request);
        }
    }

    /// <summary>Waits for the end; returns its status and the id.</summary>
    public async Task<(string Status, string Id)> RegisteredAsync()
    {
        using var answer = await RegisterAsync();
        using var end = await EndAsync(House, answer.Headers.Location!);
        var status = JsonDocument.Parse(await end.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetString()!;
        return (status, answer.Headers.Location!.ToString()["/api/registrations/".Length..]);
    }

    /// <summary>The first answer that does not say running.</summary>
    public static async Task<HttpResponseMessage> EndAsync(House house, Uri location)
    {
        var (end, _) = await Shopper.UntilAsync(AskAsync, now => now.Answer.StatusCode == HttpStatusCode.OK && !now.Text.Contains("running", StringComparison.Ordinal), Limit);
        return end;

        async Task<(HttpResponseMessage Answer, string Text)> AskAsync()
        {
            var answer = await house.Http.GetAsync(location);
            return (answer, await answer.Content.ReadAsStringAsync());
        }
    }

    public async Task<HttpStatusCode> LoginAsync()
    {
        using var answer = await House.Http.PostAsJsonAsync("/api/auth/login", new { email = Email, password = Password });
        return answer.StatusCode;
    }
}
