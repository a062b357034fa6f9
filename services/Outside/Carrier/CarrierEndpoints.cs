using Microsoft.Extensions.Options;
using Quayside.Contracts.Outside;
using Quayside.Outside.Ledgers;

namespace Quayside.Outside.Carrier;

internal static class CarrierEndpoints
{
    private const string Name = "carrier";

    public static void MapCarrier(this IEndpointRouteBuilder app)
    {
        app.MapPost("/shipments", (CarrierShipment shipment, Ledger ledger, TimeProvider time) =>
            ledger.ChangeAsync(Name, shipment.Key, entries => CarrierRules.Ship(entries, shipment, time.GetUtcNow())));
        app.MapPost("/shipments/cancel", (CarrierCancellation cancellation, Ledger ledger, TimeProvider time, IOptions<OutsideOptions> options) =>
            ledger.ChangeAsync(Name, cancellation.Key, entries => CarrierRules.Cancel(entries, cancellation, time.GetUtcNow(), options.Value.CollectAfter)));
        app.MapPost("/shipments/inquire", (CarrierInquiry inquiry, Ledger ledger) => Inquire(ledger.Read(Name, inquiry.Key)));
        app.MapPost("/ledger/carrier/lines", (ReadLines read, Ledger ledger) => ledger.ReadAfter(Name, read));
        app.MapPost("/ledger/carrier/lines-of", (FindLines find, Ledger ledger) => ledger.Find(Name, find));
        app.MapGet("/ledger/carrier", (Ledger ledger) => CarrierRules.Summarize(ledger.ReadAll(Name)));
    }

    private static CarrierInquiryResult Inquire(IReadOnlyList<Entry> entries) => new(
        CarrierRules.StateOf(entries),
        CarrierRules.TrackingOf(entries));
}
