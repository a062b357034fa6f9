using Quayside.Contracts.Outside;
using Quayside.Contracts.Payments;
using Quayside.Saga.Participants;

namespace Quayside.Payments.Charging;

internal sealed class ChargeCardHandler(Participant<Capture> participant, Bank bank)
{
    public async Task<ChargeCardResult> HandleAsync(ChargeCard command, CancellationToken cancellationToken)
    {
        var record = await participant.DoAsync(command.OrderId, new Capture(command.Amount), ChargeAsync, cancellationToken);
        return record.Stage switch
        {
            Stage.Done => new(ChargeOutcome.Charged),
            Stage.Intent => new(ChargeOutcome.TryAgain),
            _ => new(ChargeOutcome.Refused, record.Reason),
        };

        async Task<Outcome<Capture>> ChargeAsync(Capture capture, CancellationToken stopping)
        {
            var answer = await bank.ChargeAsync(new(command.OrderId, capture.Amount, command.Token), stopping);
            return answer.Result switch
            {
                BankChargeOutcome.Captured => Outcome.Done(capture),
                BankChargeOutcome.Refused => Outcome.Refused<Capture>(answer.Reason ?? "card refused"),
                BankChargeOutcome.TryAgain => Outcome.Undecided<Capture>(),
                _ => throw new InvalidOperationException("The bank's answer has no result."),
            };
        }
    }
}
