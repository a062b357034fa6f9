using Quayside.Contracts.Shipping;
using Quayside.Shipping.Cancelling;
using Quayside.Shipping.Creating;

namespace Quayside.Shipping;

internal static class ShipmentEndpoints
{
    public static void MapShipments(this IEndpointRouteBuilder app)
    {
        var shipments = app.MapGroup("/internal/shipments").RequireAuthorization("Dapr");
        shipments.MapPost("/create", (CreateShipment command, CreateShipmentHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
        shipments.MapPost("/cancel", (CancelShipment command, CancelShipmentHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
    }
}
