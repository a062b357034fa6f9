using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Quayside.Servers;

namespace Quayside.House.Tests;

/// <summary>The example in another language: a Node app, written with the official SDK, joins a house that runs.</summary>
public sealed class BestSellersTests(KindHouse fixture) : IClassFixture<KindHouse>, IDisposable
{
    private static readonly string Example = Path.Combine(House.Root, "examples", "best-sellers");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly TemporaryFolder folder = new();
    private readonly int port = Ports.Free();
    private readonly HttpClient http = new();

    [Fact]
    public async Task A_guest_hears_the_orders_asks_the_catalogue_and_leaves_without_a_trace()
    {
        var modules = Environment.GetEnvironmentVariable("NODE_PATH");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules ?? "", "@dapr", "dapr")), "NODE_PATH names no folder with @dapr/dapr and express (npm install @dapr/dapr@3.18.0 express@4).");
        await OrderAsync("p-01", 3);
        await OrderAsync("p-02", 1);
        using (var guest = Join())
        {
            // What was ordered before it came is in the topic.
            await RankingIsAsync(("Enamel mug", 3), ("Wool blanket", 1));
            await OrderAsync("p-02", 4);
            await RankingIsAsync(("Wool blanket", 5), ("Enamel mug", 3));

            var forged = JsonContent.Create(new { id = "1", source = "me", specversion = "1.0", type = "order.created", data = new { eventId = "x", eventType = "order.created", schemaVersion = 1, data = new { lines = new[] { new { productId = "p-03", quantity = 99 } } } } });
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync(new Uri($"http://127.0.0.1:{port}/pubsub--orders--default"), forged)).StatusCode);
            await RankingIsAsync(("Wool blanket", 5), ("Enamel mug", 3));
            await LeaveAsync(guest);
        }

        // It counts in memory: what was ordered while it was away is all it knows, and it missed nothing of that.
        await OrderAsync("p-03", 2);
        using (var guest = Join())
        {
            await RankingIsAsync(("Storm lantern", 2));
            await LeaveAsync(guest);
        }
        await OrderAsync("p-01", 1);
    }

    public void Dispose()
    {
        http.Dispose();
        folder.Dispose();
    }

    private async Task OrderAsync(string productId, int quantity) =>
        await fixture.Demo.FinalAsync(await fixture.Demo.PlaceAsync(Shopper.Basket(productId, quantity)));

    /// <summary>The example's own run file, with a free port.</summary>
    private Process Join()
    {
        var run = File.ReadAllText(Path.Combine(Example, "dapr.yaml"));
        folder.Write("dapr.yaml", run.Replace("4010", $"{port}", StringComparison.Ordinal).Replace("appDirPath: .", $"appDirPath: {Example}", StringComparison.Ordinal));
        return Process.Start(new ProcessStartInfo("dotnet", [House.RuntimeDll, "run", "-f", folder.Path, "--data-dir", fixture.House.DataFolder]) { RedirectStandardOutput = true })!;
    }

    private static async Task LeaveAsync(Process guest)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{guest.Id}"]);
        var said = await guest.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        await guest.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(guest.ExitCode == 0, said);
    }

    private async Task RankingIsAsync(params (string Name, int Quantity)[] expected)
    {
        (string, int)[] found = [];
        var clock = Stopwatch.StartNew();
        while (!found.SequenceEqual(expected))
        {
            Assert.True(clock.Elapsed < Limit, $"the ranking is {string.Join(", ", found)}");
            await Task.Delay(Between);
            try
            {
                var ranking = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{port}/best-sellers"));
                found = [.. ranking.EnumerateArray().Select(item => (item.GetProperty("name").GetString()!, item.GetProperty("quantity").GetInt32()))];
            }
            catch (HttpRequestException)
            {
                // It is starting.
            }
        }
    }
}
