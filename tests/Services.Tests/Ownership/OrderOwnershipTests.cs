using FsCheck;
using Quayside.Services.Tests.Models;
using Quayside.Services.Tests.Orders;

namespace Quayside.Services.Tests.Ownership;

/// <summary>Whatever two customers and a stranger ask, in whatever order, nobody reads, lists, follows or cancels another's orders.</summary>
public sealed class OrderOwnershipTests : IAsyncLifetime
{
    private static readonly Arbitrary<Move[]> Any = Move.Sequences(actors: 3, OrderOwnershipWalk.Commands, choices: 4, length: 30);

    private OrdersHost orders = null!;

    public async ValueTask InitializeAsync() => orders = await OrdersHost.StartAsync(null);

    public ValueTask DisposeAsync() => orders.DisposeAsync();

    [Fact]
    public Task No_sequence_of_requests_shows_or_changes_anothers_orders() => Task.Run(() =>
        Runs.Of(60, Any, moves => new OrderOwnershipWalk(orders).RunAsync(moves)));
}
