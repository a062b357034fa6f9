using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>DELETE /api/users/{id} through the whole house.</summary>
public sealed class DeletionTests : IAsyncLifetime
{
    private House house = null!;

    public async ValueTask InitializeAsync() =>
        house = await House.StartAsync(environment: new Dictionary<string, string> { ["Orders__ForgetAfter"] = "00:00:01" });

    public async ValueTask DisposeAsync()
    {
        if (house is not null) await house.DisposeAsync();
    }

    [Fact]
    public async Task Every_service_forgets_a_deleted_user_also_one_that_was_dead_meanwhile()
    {
        var (ada, bob) = (new Newcomer(house, "ada@gone.test"), new Newcomer(house, "bob@stays.test", "Bob"));
        await ada.RegisteredAsync();
        await bob.RegisteredAsync();
        var shopper = await Shopper.SignInAsync(house, ada.Email, ada.Password);
        var pair = await PairAsync(ada);
        var userId = await shopper.UserIdAsync();
        var basket = Shopper.Basket((await shopper.ProductsAsync())[0]);
        var order = await shopper.PlaceAsync(basket);
        var before = await shopper.FinalAsync(order);
        Assert.Equal("shipped", before.GetProperty("status").GetString());
        await shopper.NotificationsAsync(3);

        house.KillApp("auth-service");
        using var deleted = await Shopper.InsistAsync(() => shopper.SendAsync(HttpMethod.Delete, $"/api/users/{userId}"));
        Assert.True(deleted.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.NoContent, deleted.StatusCode.ToString());
        using var profile = await shopper.SendAsync(HttpMethod.Get, $"/api/users/{userId}");
        Assert.Equal(HttpStatusCode.NotFound, profile.StatusCode);

        await Shopper.UntilAsync(ada.LoginAsync, status => status == HttpStatusCode.Unauthorized);
        using var refreshed = await house.Http.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = pair.GetProperty("refreshToken").GetString() });
        Assert.Equal(HttpStatusCode.Unauthorized, refreshed.StatusCode);
        using var validated = await house.Http.PostAsJsonAsync("/api/auth/validate", new { token = pair.GetProperty("accessToken").GetString() });
        Assert.Equal("""{"valid":false}""", await validated.Content.ReadAsStringAsync());

        using var refused = await Shopper.UntilAsync(
            () => shopper.SendAsync(HttpMethod.Post, "/api/orders", basket, Guid.NewGuid().ToString()), answer => answer.StatusCode == HttpStatusCode.NotFound);
        await Shopper.UntilAsync(() => shopper.AllAsync("/api/notifications"), all => all.Count == 0);
        Assert.Equal((0, 1), (MailsTo(ada.Email), MailsTo(bob.Email)));
        await Shopper.UntilAsync(() => Task.FromResult(house.Output), output => output.Contains($"The key of the deleted user {userId} is destroyed", StringComparison.Ordinal));
        Assert.Equal(before.GetRawText(), (await shopper.FinalAsync(order)).GetRawText());

        await (ada with { Key = Guid.NewGuid().ToString() }).RegisteredAsync();
        var again = await Shopper.SignInAsync(house, ada.Email, ada.Password);
        Assert.NotEqual(userId, await again.UserIdAsync());
        Assert.Empty(await again.AllAsync("/api/orders"));
        await again.PlaceAsync(basket);
    }

    private async Task<JsonElement> PairAsync(Newcomer user)
    {
        using var answer = await house.Http.PostAsJsonAsync("/api/auth/login", new { email = user.Email, password = user.Password });
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private int MailsTo(string address)
    {
        var outbox = Path.Combine(Path.GetDirectoryName(house.DataFolder)!, "outbox");
        return Directory.GetFiles(outbox).Count(file => File.ReadAllText(file).Contains($"To: {address}", StringComparison.OrdinalIgnoreCase));
    }
}
