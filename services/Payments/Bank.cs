using Quayside.Contracts.Outside;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Payments;

/// <summary>The bank, a Dapr HTTPEndpoint. The order id is the idempotency key of all that is asked for one order.</summary>
internal sealed class Bank(Invoker invoker)
{
    public Task<BankChargeResult> ChargeAsync(BankCharge charge, CancellationToken cancellationToken) =>
        invoker.PostAsync<BankCharge, BankChargeResult>("bank", "charges", charge, cancellationToken);

    public Task<BankReversalResult> ReverseAsync(BankReversal reversal, CancellationToken cancellationToken) =>
        invoker.PostAsync<BankReversal, BankReversalResult>("bank", "charges/reverse", reversal, cancellationToken);
}
