using Quayside.Contracts.Outside;
using Quayside.Contracts.Shipping;
using Quayside.Saga.Participants;

namespace Quayside.Shipping.Cancelling;

internal sealed class CancelShipmentHandler(Participant<Parcel> participant, Carrier carrier)
{
    public async Task<CancelShipmentResult> HandleAsync(CancelShipment command, CancellationToken cancellationToken)
    {
        var record = await participant.UndoAsync(command.OrderId, command.Reason, CancelAsync, cancellationToken);
        return record.Stage is Stage.Undone
            ? new(CancelShipmentOutcome.Cancelled, record.Effect?.TrackingId)
            : new(CancelShipmentOutcome.Gone, record.Effect!.TrackingId);

        async Task<Undoing<Parcel>> CancelAsync(Parcel intended, CancellationToken stopping)
        {
            var answer = await carrier.CancelAsync(new(command.OrderId, command.Reason), stopping);
            return answer.Result switch
            {
                CarrierCancellationOutcome.Cancelled => new Undoing<Parcel>(answer.TrackingId is { } trackingId ? new(trackingId) : null),
                CarrierCancellationOutcome.Gone => new Undoing<Parcel>(new(answer.TrackingId), IsTooLate: true),
                _ => throw new InvalidOperationException("The carrier's answer has no result."),
            };
        }
    }
}
