using System.Security.Cryptography;
using System.Text;
using Quayside.Contracts.Outside;
using Quayside.Outside.Ledgers;

namespace Quayside.Outside.Carrier;

/// <summary>What the carrier answers, from the lines of one key.</summary>
internal static class CarrierRules
{
    public const string Shipment = LedgerKinds.Shipment, Refusal = LedgerKinds.Refusal, Cancellation = LedgerKinds.Cancellation;

    public static Decision<CarrierShipmentResult> Ship(IReadOnlyList<Entry> entries, CarrierShipment shipment, DateTimeOffset now) => StateOf(entries) switch
    {
        CarrierEntryState.Cancelled => new(Refused("key cancelled")),
        CarrierEntryState.Refused => new(Refused(entries[^1].Detail)),
        CarrierEntryState.Accepted => new(new(CarrierShipmentOutcome.Accepted, TrackingId: entries[^1].Detail)),
        _ when shipment.ShipTo.Postcode == "00000" => new(Refused("address refused"), new(Refusal, now, Detail: "address refused")),
        _ when TrackingId(shipment.Key) is var trackingId =>
            new(new(CarrierShipmentOutcome.Accepted, TrackingId: trackingId), new(Shipment, now, Detail: trackingId)),
        _ => throw new InvalidOperationException("Unreachable: the case above always matches."),
    };

    public static Decision<CarrierCancellationResult> Cancel(
        IReadOnlyList<Entry> entries, CarrierCancellation cancellation, DateTimeOffset now, TimeSpan collectAfter) => StateOf(entries) switch
    {
        CarrierEntryState.Cancelled => new(new(CarrierCancellationOutcome.Cancelled, TrackingOf(entries))),
        CarrierEntryState.Accepted when now - entries[^1].At >= collectAfter => new(new(CarrierCancellationOutcome.Gone, entries[^1].Detail)),
        _ => new(new(CarrierCancellationOutcome.Cancelled, TrackingOf(entries)), new(Cancellation, now, Detail: cancellation.Reason)),
    };

    public static CarrierEntryState StateOf(IReadOnlyList<Entry> entries) => entries.Count == 0 ? CarrierEntryState.None : entries[^1].Kind switch
    {
        Shipment => CarrierEntryState.Accepted,
        Refusal => CarrierEntryState.Refused,
        _ => CarrierEntryState.Cancelled,
    };

    public static CarrierLedger Summarize(IReadOnlyList<KeyedEntry> lines)
    {
        var entries = lines.GroupBy(line => line.Key, line => line.Entry).Select(key => Describe(key.Key, [.. key])).ToList();
        return new(
            lines.Count(line => line.Entry.Kind == Shipment),
            entries.Count(entry => entry is { State: CarrierEntryState.Cancelled, TrackingId: not null }),
            lines.Count(line => line.Entry.Kind == Refusal),
            entries);
    }

    private static CarrierEntry Describe(string key, List<Entry> entries) => new(
        key,
        StateOf(entries),
        TrackingOf(entries),
        entries.FirstOrDefault(entry => entry.Kind != Shipment)?.Detail);

    public static string? TrackingOf(IReadOnlyList<Entry> entries) => entries.FirstOrDefault(entry => entry.Kind == Shipment)?.Detail;

    private static string TrackingId(string key) => $"QC{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)), 0, 6)}";

    private static CarrierShipmentResult Refused(string? reason) => new(CarrierShipmentOutcome.Refused, reason);
}
