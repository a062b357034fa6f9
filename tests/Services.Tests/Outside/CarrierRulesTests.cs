using Quayside.Contracts.Outside;
using Quayside.Outside.Carrier;
using Quayside.Outside.Ledgers;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Outside;

/// <summary>What the carrier says to a key depends on the lines of that key alone.</summary>
public sealed class CarrierRulesTests
{
    private static readonly DateTimeOffset Shipped = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan CollectAfter = TimeSpan.FromMinutes(10);
    private static readonly Entry Cancellation = new(CarrierRules.Cancellation, Shipped, Detail: "changed my mind");
    private static readonly Entry Refusal = new(CarrierRules.Refusal, Shipped, Detail: "address refused");
    private static readonly Entry Shipment = new(CarrierRules.Shipment, Shipped, Detail: "QC01");

    [Fact]
    public void A_first_parcel_is_taken_and_written_under_its_tracking_id()
    {
        var (answer, line) = Ship();
        Assert.Equal(new CarrierShipmentResult(CarrierShipmentOutcome.Accepted, TrackingId: line!.Detail), answer);
        Assert.Equal(new Entry(CarrierRules.Shipment, Shipped, Detail: answer.TrackingId), line);
        Assert.StartsWith("QC", answer.TrackingId, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_nobody_delivers_to_is_refused_and_written()
    {
        var shipment = new CarrierShipment("k1", House.Quay with { Postcode = "00000" });
        var (answer, line) = CarrierRules.Ship([], shipment, Shipped);
        Assert.Equal(new CarrierShipmentResult(CarrierShipmentOutcome.Refused, "address refused"), answer);
        Assert.Equal(Refusal, line);
    }

    [Fact]
    public void What_a_key_was_answered_it_is_answered_again_and_nothing_is_written()
    {
        Assert.Equal(new(new(CarrierShipmentOutcome.Accepted, TrackingId: "QC01")), Ship(Shipment));
        Assert.Equal(new(new(CarrierShipmentOutcome.Refused, "address refused")), Ship(Refusal));
        Assert.Equal(new(new(CarrierShipmentOutcome.Refused, "key cancelled")), Ship(Cancellation));
        Assert.Equal(new(new(CarrierShipmentOutcome.Refused, "key cancelled")), Ship(Shipment, Cancellation));
    }

    [Fact]
    public void A_parcel_is_gone_from_the_moment_it_is_collected()
    {
        Assert.Equal(new(new(CarrierCancellationOutcome.Gone, "QC01")), Cancel(Shipped + CollectAfter, Shipment));
        var before = Shipped + CollectAfter - TimeSpan.FromTicks(1);
        Assert.Equal(new(new(CarrierCancellationOutcome.Cancelled, "QC01"), Cancellation with { At = before }), Cancel(before, Shipment));
    }

    [Fact]
    public void A_key_can_be_cancelled_before_its_parcel_and_after_a_refusal_once()
    {
        Assert.Equal(new(new(CarrierCancellationOutcome.Cancelled), Cancellation), Cancel(Shipped));
        Assert.Equal(new(new(CarrierCancellationOutcome.Cancelled), Cancellation), Cancel(Shipped, Refusal));
        Assert.Equal(new(new(CarrierCancellationOutcome.Cancelled)), Cancel(Shipped, Cancellation));
        Assert.Equal(new(new(CarrierCancellationOutcome.Cancelled, "QC01")), Cancel(Shipped, Shipment, Cancellation));
    }

    [Fact]
    public void The_ledger_counts_a_cancellation_only_where_there_was_a_parcel()
    {
        KeyedEntry[] lines =
        [
            new(1, "sent", Shipment), new(2, "sent and cancelled", Shipment with { Detail = "QC02" }), new(3, "refused", Refusal), new(4, "cancelled first", Cancellation),
            new(5, "sent and cancelled", Cancellation),
        ];
        var ledger = CarrierRules.Summarize(lines);
        Assert.Equal((2, 1, 1), (ledger.Accepted, ledger.Cancelled, ledger.Refused));
        Assert.Equal(
            [
                new("sent", CarrierEntryState.Accepted, "QC01", null), new("sent and cancelled", CarrierEntryState.Cancelled, "QC02", "changed my mind"),
                new("refused", CarrierEntryState.Refused, null, "address refused"), new("cancelled first", CarrierEntryState.Cancelled, null, "changed my mind"),
            ],
            ledger.Entries);
    }

    private static Decision<CarrierShipmentResult> Ship(params Entry[] entries) => CarrierRules.Ship(entries, new CarrierShipment("k1", House.Quay), Shipped);

    private static Decision<CarrierCancellationResult> Cancel(DateTimeOffset now, params Entry[] entries) =>
        CarrierRules.Cancel(entries, new CarrierCancellation("k1", "changed my mind"), now, CollectAfter);
}
