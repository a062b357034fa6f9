using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Outside;
using Quayside.Outside.Ledgers;
using Quayside.Shipping;

namespace Quayside.Services.Tests.Models;

public sealed class ShippingModelTests : IAsyncLifetime
{
    private ParticipantHouse house = null!;
    private WebApplication outside = null!;

    public async ValueTask InitializeAsync()
    {
        house = await ParticipantHouse.StartAsync("shipping-store", "shipment-", orders: 2, ["one", "two", "three"], ShippingApp.Create);
        outside = await house.RunAsync([], ["bank", "carrier", "outside"], OutsideApp.Create);
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    [Fact]
    public Task However_shipments_and_cancellations_interleave_and_fail_an_order_is_one_parcel_or_none() => Task.Run(() => Runs.Of(
        walks: 100,
        Move.Sequences(actors: 5, ShipmentWalk.Commands, choices: 2, length: 40),
        moves => new ShipmentWalk(house, outside.Services.GetRequiredService<Ledger>()).RunAsync(moves)));
}
