using System.Text.RegularExpressions;
using FsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Outside;
using Quayside.Outside.Ledgers;
using Quayside.Shipping;

namespace Quayside.Services.Tests.Models;

public sealed class ShippingModelTests : IAsyncLifetime
{
    private static readonly Arbitrary<Move[]> Any = Move.Sequences(actors: 5, ShipmentWalk.Commands, choices: 2, length: 40);

    private ParticipantHouse house = null!;
    private WebApplication outside = null!;

    public async ValueTask InitializeAsync()
    {
        house = await ParticipantHouse.StartAsync("shipping-store", "shipment-", orders: 2, ["one", "two", "three"], ShippingApp.Create);
        outside = await house.RunAsync([], ["bank", "carrier", "outside"], OutsideApp.Create);
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    [Fact]
    public Task However_shipments_and_cancellations_interleave_and_fail_an_order_is_one_parcel_or_none() => Task.Run(() =>
        Runs.Of(100, Any, moves => Walk().RunAsync(moves)));

    [Fact]
    public Task The_same_moves_make_the_same_walk() => Task.Run(() => Runs.OfTheSameMoves(Any, Walk, WithoutTracking));

    // A tracking id is made from the order's id, which is new in every walk.
    private static string WithoutTracking(string story) => Regex.Replace(story, "QC[0-9A-F]+", "QC");

    private ShipmentWalk Walk() => new(house, outside.Services.GetRequiredService<Ledger>());
}
