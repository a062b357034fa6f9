using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Caching;
using Quayside.Orders;
using Quayside.Orders.Privacy;
using Quayside.Outbox;

namespace Quayside.Services.Tests.Orders;

/// <summary>Orders as it is shipped, but for the secret store, the broker and the shared cache of its sidecar.</summary>
internal static class TestOrders
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure, PublishEvent publish) => OrdersApp.Create(args, builder =>
    {
        configure?.Invoke(builder);
        builder.Services.AddSingleton<ReadMasterKey>(_ => Task.FromResult(Encoding.ASCII.GetBytes("an-encryption-key-of-32-bytes!!!")));
        builder.Services.AddSingleton(publish);
        builder.Services.AddSingleton<ISecondLevel, NoSecondLevel>();
        builder.Services.AddSingleton<PublishInvalidation>((_, _) => Task.CompletedTask);
    });

    /// <summary>For tests in which nobody listens.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure) => Create(args, configure, (_, _) => Task.CompletedTask);

    private sealed class NoSecondLevel : ISecondLevel
    {
        public Task<(ReadOnlyMemory<byte> Value, string ETag)> GetAsync(string key, CancellationToken cancellationToken) => throw new IOException("not there");

        public Task<bool> TrySetAsync(string key, ReadOnlyMemory<byte> value, string etag, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            throw new IOException("not there");
    }
}
