using Quayside.Contracts.Shipping;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Shipping;

public sealed class ShippingTests
{
    [Fact]
    public async Task A_repeated_shipment_is_one_parcel_with_one_tracking_id()
    {
        await using var house = await House.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => house.ShipAsync("o1")));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.NotNull(answers[0].TrackingId);
        Assert.Equal(1, (await house.CarrierAsync()).Accepted);
    }

    [Fact]
    public async Task A_refused_address_is_a_refusal_with_a_reason_that_lasts()
    {
        await using var house = await House.StartAsync();
        Assert.Equal(new(ShipmentOutcome.Refused, "address refused"), await house.ShipAsync("o1", House.Quay with { Postcode = "00000" }));
        Assert.Equal(new(ShipmentOutcome.Refused, "address refused"), await house.ShipAsync("o1"));
        Assert.Equal(0, (await house.CarrierAsync()).Accepted);
    }

    [Fact]
    public async Task A_shipment_after_its_cancellation_is_refused()
    {
        await using var house = await House.StartAsync();
        Assert.Equal(new(CancelShipmentOutcome.Cancelled), await house.CancelShipmentAsync("o1"));
        Assert.Equal(ShipmentOutcome.Refused, (await house.ShipAsync("o1")).Result);
        Assert.Equal((0, 0), await house.CarrierAsync() is var carrier ? (carrier.Accepted, carrier.Cancelled) : default);
    }

    [Fact]
    public async Task A_cancellation_that_overtakes_the_shipment_cancels_its_key()
    {
        await using var house = await House.StartAsync();
        var onTheWay = new Moment();
        house.Sidecar.BeforeCall = (app, path) => (app, path) == ("carrier", "shipments") ? onTheWay.PassAsync() : Task.CompletedTask;
        var shipment = house.ShipAsync("o1");
        await onTheWay.Reached;
        Assert.Equal(CancelShipmentOutcome.Cancelled, (await house.CancelShipmentAsync("o1")).Result);
        onTheWay.GoOn();
        Assert.Equal(ShipmentOutcome.Refused, (await shipment).Result);
        Assert.Equal(0, (await house.CarrierAsync()).Accepted);
    }

    [Fact]
    public async Task The_carriers_late_answer_after_the_cancellation_leaves_no_parcel()
    {
        await using var house = await House.StartAsync();
        var late = new Moment();
        house.Sidecar.AfterCall = (app, path) => (app, path) == ("carrier", "shipments") ? late.PassAsync() : Task.CompletedTask;
        var shipment = house.ShipAsync("o1");
        await late.Reached;
        var cancellation = await house.CancelShipmentAsync("o1");
        Assert.Equal(CancelShipmentOutcome.Cancelled, cancellation.Result);
        Assert.NotNull(cancellation.TrackingId);
        late.GoOn();
        Assert.Equal(ShipmentOutcome.Refused, (await shipment).Result);
        Assert.Equal((1, 1), await house.CarrierAsync() is var carrier ? (carrier.Accepted, carrier.Cancelled) : default);
    }

    [Fact]
    public async Task A_parcel_of_unknown_outcome_that_is_gone_sends_the_saga_forward()
    {
        await using var house = await House.StartAsync("--Outside:CollectAfter=00:00:00");
        house.Sidecar.AfterCall = (app, path) => (app, path) == ("carrier", "shipments") ? throw new HttpRequestException("lost") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ShipAsync("o1"));
        var cancellation = await house.CancelShipmentAsync("o1");
        Assert.Equal(CancelShipmentOutcome.Gone, cancellation.Result);
        Assert.NotNull(cancellation.TrackingId);
        Assert.Equal(new(ShipmentOutcome.Created, null, cancellation.TrackingId), await house.ShipAsync("o1"));
        Assert.Equal(cancellation, await house.CancelShipmentAsync("o1"));
    }

    [Fact]
    public async Task An_answer_of_the_carrier_that_says_nothing_is_no_refusal()
    {
        await using var house = await House.StartAsync();
        var carrier = house.Sidecar.Apps["carrier"];
        await house.RunAsync([], ["carrier"], House.Mute);
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ShipAsync("o1"));
        house.Sidecar.Apps["carrier"] = carrier;
        Assert.Equal(ShipmentOutcome.Created, (await house.ShipAsync("o1")).Result);
    }

    [Fact]
    public async Task The_address_is_never_kept()
    {
        await using var house = await House.StartAsync();
        await house.ShipAsync("o1");
        Assert.DoesNotContain(house.Sidecar.Documents.Values, document => document.Contains("Pier 4", StringComparison.Ordinal));
    }
}
