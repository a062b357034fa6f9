using Quayside.Contracts.Shipping;
using Quayside.Outside.Carrier;
using Quayside.Outside.Ledgers;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Models;

/// <summary>Parcels: at most one a key, none for an order whose cancellation was answered, and gone is gone.</summary>
internal sealed class ShipmentWalk(ParticipantHouse house, Ledger ledger) : Walk(house)
{
    public const int Commands = 8;
    private readonly HashSet<string> cancelling = [], badly = [];
    private readonly Dictionary<string, CancelShipmentOutcome> answered = [];

    protected override Errand Choose(Replica replica, string order, int command) => command switch
    {
        < 4 => Create(order, "20457"),
        < 7 => Cancel(order),
        _ => Create(order, "00000"),
    };

    /// <summary>Time passes: a parcel is collected a minute after it was accepted.</summary>
    protected override Task MakeOtherAsync(int actor, Move move)
    {
        Tell("a minute passes");
        House.Time.Advance(TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    protected override void Check()
    {
        foreach (var order in Orders)
        {
            var record = Record(order);
            var lines = Lines(order);
            Assert.True(lines.Count(line => line.Kind == CarrierRules.Shipment) <= 1, $"{order} is two parcels");
            Assert.True(lines.Count == 0 || record.Intended is not null, $"{order} came to the carrier without an intent");
            var stands = CarrierRules.StateOf(lines) == Contracts.Outside.CarrierEntryState.Accepted;
            if (record.Stage == "undone") Assert.False(stands, $"{order} is undone and its parcel on its way");
            if (record.Stage == "done")
            {
                Assert.Equal(CarrierRules.TrackingOf(lines), (string?)record.Document!["effect"]!["trackingId"]);
                if (!cancelling.Contains(order)) Assert.True(stands, $"{order} is done without a parcel");
            }

            if (answered.TryGetValue(order, out var outcome)) Assert.Equal(outcome == CancelShipmentOutcome.Gone, stands);
        }
    }

    protected override void CheckEnd()
    {
        foreach (var order in Orders) Assert.Contains(Record(order).Stage, new[] { "done", "undone" });
    }

    protected override async Task CloseAsync(string order)
    {
        var last = await AskAsync(cancelling.Contains(order) ? Cancel(order) : Create(order, "20457"));
        Assert.NotNull(last.Answer);
    }

    private Errand Create(string order, string postcode)
    {
        if (postcode == "00000") badly.Add(order);
        var command = new CreateShipment(House.IdOf(order), Participants.House.Quay with { Postcode = postcode });
        return new(order, $"ship {order} to {postcode}", replica => House.PostAsync<CreateShipment, CreateShipmentResult>(replica, "internal/shipments/create", command), (answer, errand) =>
        {
            var created = (CreateShipmentResult)answer;
            var (stage, mayBe) = created.Result switch
            {
                ShipmentOutcome.Created => ("done", true),
                _ => ("undone", cancelling.Contains(order) || badly.Contains(order)),
            };
            Assert.True(mayBe && StagesSince(errand).Contains(stage), $"{created} is untrue");
            if (stage == "done") Assert.Equal(CarrierRules.TrackingOf(Lines(order)), created.TrackingId);
            else Assert.Equal(Record(order).Reason, created.Reason);
        });
    }

    private Errand Cancel(string order)
    {
        cancelling.Add(order);
        var command = new CancelShipment(House.IdOf(order), "test");
        return new(order, $"cancel {order}", replica => House.PostAsync<CancelShipment, CancelShipmentResult>(replica, "internal/shipments/cancel", command), (answer, _) =>
        {
            var cancelled = (CancelShipmentResult)answer;
            Assert.Equal(cancelled.Result == CancelShipmentOutcome.Gone ? "done" : "undone", Record(order).Stage);
            // A cancellation whose answer was lost, then a shipment that was refused for it: the record does not know that there was a parcel.
            if (cancelled.TrackingId is not null || IsUntroubled(order) || Record(order).Stages.Contains("done")) Assert.Equal(CarrierRules.TrackingOf(Lines(order)), cancelled.TrackingId);
            Assert.Equal(answered.GetValueOrDefault(order, cancelled.Result), cancelled.Result);
            answered[order] = cancelled.Result;
        });
    }

    private IReadOnlyList<Entry> Lines(string order) => ledger.Read("carrier", House.IdOf(order));
}
