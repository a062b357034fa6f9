using Quayside.Contracts.Payments;
using Quayside.Payments.Charging;
using Quayside.Payments.Refunding;

namespace Quayside.Payments;

internal static class PaymentEndpoints
{
    public static void MapPayments(this IEndpointRouteBuilder app)
    {
        var payments = app.MapGroup("/internal/payments").RequireAuthorization("Dapr");
        payments.MapPost("/charge", (ChargeCard command, ChargeCardHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
        payments.MapPost("/refund", (RefundCharge command, RefundChargeHandler handler, CancellationToken cancellationToken) =>
            handler.HandleAsync(command, cancellationToken));
    }
}
