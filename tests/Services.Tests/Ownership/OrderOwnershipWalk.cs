using System.Globalization;
using System.Net;
using System.Text;
using Quayside.Orders;
using Quayside.Services.Tests.Models;
using Quayside.Services.Tests.Orders;
using Xunit.Sdk;

namespace Quayside.Services.Tests.Ownership;

/// <summary>
/// After each request: whoever was let in has the order, no answer names an order or a customer that was not in the question, and every order is as its owner left it.
/// </summary>
internal sealed class OrderOwnershipWalk(OrdersHost host)
{
    public const int Commands = 10;

    private const int Stranger = 2;

    private readonly string walk = Guid.NewGuid().ToString("N")[..12];
    private readonly Dictionary<string, (int Owner, long Version)> orders = [];
    private readonly string?[] cursors = new string?[3];
    private readonly string?[] seen = new string?[3];
    private readonly StringBuilder story = new();
    private int actions;

    public async Task RunAsync(Move[] moves)
    {
        var clients = new[] { host.As(User(0)), host.As(User(1)), host.Anonymous() };
        using var admin = host.As("admin", "admin");
        try
        {
            foreach (var customer in new[] { 0, 1 }) await PlaceAsync(clients[customer], customer);
            foreach (var move in moves)
            {
                await MakeAsync(clients[move.Actor], move.Actor, move.Command, move.Which);
                await CheckAsync(admin);
            }
        }
        catch (Exception failure)
        {
            throw new XunitException($"{story}\n{(failure is XunitException ? failure.Message : failure)}", failure);
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }

    private Task MakeAsync(HttpClient client, int actor, int command, int which) => command switch
    {
        0 => PlaceAsync(client, actor),
        1 => ReadAsync(client, actor, AnyOrder(which), "?includeDetails=true"),
        2 => ReadAsync(client, actor, AnyOrder(which), "/events"),
        3 => ReadAsync(client, actor, AnyOrder(which), "/stream"),
        4 => ReadAsync(client, actor, AnyOrder(which), $"?includeDetails=true&at={DateTime.UtcNow:O}"),
        5 => CancelAsync(client, actor, AnyOrder(which)),
        6 => ListAsync(client, actor, cursors[actor]),
        7 => ListAsync(client, actor, cursors[Other(actor, which)]),
        8 => ListAsync(client, actor, null, seen[Other(actor, which)]),
        _ => ReadAsync(client, actor, AnyOrder(which).ToUpperInvariant(), ""),
    };

    /// <summary>The same keys for all: whoever guesses a key must gain nothing by it.</summary>
    private async Task PlaceAsync(HttpClient client, int actor)
    {
        var key = $"key-{actions % 3}";
        using var answer = await SendAsync(client, actor, HttpMethod.Post, "/api/orders", key, OrderRequests.Body($$"""[{"productId":"p-1","quantity":{{1 + actor}}}]"""));
        Assert.Equal(actor == Stranger ? HttpStatusCode.Unauthorized : HttpStatusCode.Accepted, answer.StatusCode);
        if (actor == Stranger) return;
        var id = (await answer.JsonAsync())["orderId"]!.GetValue<string>();
        seen[actor] = answer.Headers.TryGetValues(ConsistencyToken.Header, out var tokens) ? tokens.Single() : seen[actor];
        if (orders.TryGetValue(id, out var known)) Assert.Equal(actor, known.Owner);
        else orders[id] = (actor, 1);
    }

    private async Task ReadAsync(HttpClient client, int actor, string order, string what)
    {
        using var answer = await SendAsync(client, actor, HttpMethod.Get, $"/api/orders/{order}{what}");
        if (!answer.IsSuccessStatusCode) return;
        Assert.Equal(actor, orders[order.ToLowerInvariant()].Owner);
    }

    private async Task CancelAsync(HttpClient client, int actor, string order)
    {
        using var answer = await SendAsync(client, actor, HttpMethod.Delete, $"/api/orders/{order}");
        if (!answer.IsSuccessStatusCode) return;
        Assert.Equal(actor, orders[order].Owner);
        orders[order] = (actor, 2);
    }

    private async Task ListAsync(HttpClient client, int actor, string? cursor, string? token = null)
    {
        using var answer = await SendAsync(client, actor, HttpMethod.Get, $"/api/orders?limit=1{(cursor is null ? "" : $"&cursor={cursor}")}", token: token);
        if (!answer.IsSuccessStatusCode) return;
        var page = await answer.JsonAsync();
        Assert.All(page["items"]!.AsArray(), item => Assert.Equal(actor, orders[item!["orderId"]!.GetValue<string>()].Owner));
        cursors[actor] = page["nextCursor"]?.GetValue<string>() ?? cursors[actor];
    }

    private async Task CheckAsync(HttpClient admin)
    {
        foreach (var (id, (_, version)) in orders)
            Assert.Equal(version, (await admin.GetJsonAsync($"/api/orders/{id}"))["version"]!.GetValue<long>());
    }

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, int actor, HttpMethod method, string path, string? key = null, string? body = null, string? token = null)
    {
        actions++;
        story.AppendLine(CultureInfo.InvariantCulture, $"{actor} {method} {path} {key} {token}");
        using var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (token is not null) request.Headers.Add(ConsistencyToken.Header, token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json")
        {
            await answer.Content.LoadIntoBufferAsync();
            var said = await answer.Content.ReadAsStringAsync();
            foreach (var (id, (owner, _)) in orders.Where(order => order.Value.Owner != actor && !path.Contains(order.Key, StringComparison.OrdinalIgnoreCase)))
                Assert.True(!said.Contains(id, StringComparison.Ordinal) && !said.Contains(User(owner), StringComparison.Ordinal), said);
        }
        return answer;
    }

    private static int Other(int actor, int which) => (actor + 1 + which % 2) % 3;

    /// <summary>An order that exists, or one that does not.</summary>
    private string AnyOrder(int which) => which == 3 ? Guid.NewGuid().ToString() : orders.Keys.ElementAt((which + actions) % orders.Count);

    private string User(int actor) => $"user-{actor}-{walk}";
}
