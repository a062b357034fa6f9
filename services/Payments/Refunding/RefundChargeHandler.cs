using Quayside.Contracts.Outside;
using Quayside.Contracts.Payments;
using Quayside.Saga.Participants;

namespace Quayside.Payments.Refunding;

internal sealed class RefundChargeHandler(Participant<Capture> participant, Bank bank)
{
    public async Task<RefundChargeResult> HandleAsync(RefundCharge command, CancellationToken cancellationToken)
    {
        var record = await participant.UndoAsync(command.OrderId, command.Reason, ReverseAsync, cancellationToken);
        return new(record.Effect is null ? RefundOutcome.Nothing : RefundOutcome.Refunded);

        // Refunds what was captured and cancels the key of a charge whose outcome nobody knows: both end with no money held.
        async Task<Undoing<Capture>> ReverseAsync(Capture capture, CancellationToken stopping)
        {
            var answer = await bank.ReverseAsync(new(command.OrderId, command.Reason), stopping);
            return answer.Result switch
            {
                BankReversalOutcome.Refunded => new Undoing<Capture>(capture),
                BankReversalOutcome.Voided => new Undoing<Capture>(null),
                _ => throw new InvalidOperationException("The bank's answer has no result."),
            };
        }
    }
}
