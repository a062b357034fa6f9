using Quayside.Contracts.Outside;
using Quayside.Contracts.Shipping;
using Quayside.Saga.Participants;

namespace Quayside.Shipping.Creating;

internal sealed class CreateShipmentHandler(Participant<Parcel> participant, Carrier carrier)
{
    public async Task<CreateShipmentResult> HandleAsync(CreateShipment command, CancellationToken cancellationToken)
    {
        var record = await participant.DoAsync(command.OrderId, new Parcel(), ShipAsync, cancellationToken);
        return record.Stage is Stage.Done
            ? new(ShipmentOutcome.Created, TrackingId: record.Effect!.TrackingId)
            : new(ShipmentOutcome.Refused, record.Reason);

        async Task<Outcome<Parcel>> ShipAsync(Parcel parcel, CancellationToken stopping)
        {
            var answer = await carrier.ShipAsync(new(command.OrderId, command.ShipTo), stopping);
            return answer.Result switch
            {
                CarrierShipmentOutcome.Accepted => Outcome.Done(new Parcel(answer.TrackingId)),
                CarrierShipmentOutcome.Refused => Outcome.Refused<Parcel>(answer.Reason ?? "shipment refused"),
                _ => throw new InvalidOperationException("The carrier's answer has no result."),
            };
        }
    }
}
