using FsCheck;
using Quayside.Contracts.Inventory;
using Quayside.Inventory;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Models;

public sealed class InventoryModelTests : IAsyncLifetime
{
    private static readonly Arbitrary<Move[]> Any = Move.Sequences(actors: 4, StockWalk.Commands, choices: 6, length: 60);

    private ParticipantHouse house = null!;

    public async ValueTask InitializeAsync()
    {
        house = await ParticipantHouse.StartAsync(
            "inventory-store", "reservation-", orders: 3, ["one", "two", StockWalk.Sweeper], InventoryApp.Create,
            name => [$"--Inventory:InitialStock={StockWalk.Initial}", $"--Inventory:SweepInterval={(name == StockWalk.Sweeper ? "00:01:00" : "40.00:00:00")}"]);
        foreach (var replica in house.Replicas)
            await House.Until(async () => ((ProductPrices)await house.PostAsync<PriceProducts, ProductPrices>(replica, "internal/products/prices", new(["p-20"]))).Products.Count == 1);
        house.Keep();
        house.IsFree = StockWalk.IsFree;
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    [Fact]
    public Task However_reservations_releases_and_commits_interleave_and_fail_no_piece_is_lost_or_sold_twice() => Task.Run(() =>
        Runs.Of(100, Any, moves => Walk().RunAsync(moves)));

    [Fact]
    public Task The_same_moves_make_the_same_walk() => Task.Run(() => Runs.OfTheSameMoves(Any, Walk));

    private StockWalk Walk() => new(house);
}
