using Quayside.Contracts.Outside;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Shipping;

/// <summary>The carrier, a Dapr HTTPEndpoint. The order id is the idempotency key of all that is asked for one order.</summary>
internal sealed class Carrier(Invoker invoker)
{
    public Task<CarrierShipmentResult> ShipAsync(CarrierShipment shipment, CancellationToken cancellationToken) =>
        invoker.PostAsync<CarrierShipment, CarrierShipmentResult>("carrier", "shipments", shipment, cancellationToken);

    public Task<CarrierCancellationResult> CancelAsync(CarrierCancellation cancellation, CancellationToken cancellationToken) =>
        invoker.PostAsync<CarrierCancellation, CarrierCancellationResult>("carrier", "shipments/cancel", cancellation, cancellationToken);
}
