using Microsoft.Extensions.Options;
using Quayside.Contracts;
using Quayside.Contracts.Outside;
using Quayside.Outside.Ledgers;

namespace Quayside.Outside.Bank;

internal static class BankEndpoints
{
    private const string Name = "bank";

    public static void MapBank(this IEndpointRouteBuilder app)
    {
        app.MapPost("/charges", ChargeAsync);
        app.MapPost("/charges/reverse", ReverseAsync);
        app.MapPost("/charges/inquire", (BankInquiry inquiry, Ledger ledger) => Inquire(ledger.Read(Name, inquiry.Key)));
        app.MapPost("/ledger/bank/lines", (ReadLines read, Ledger ledger) => ledger.ReadAfter(Name, read));
        app.MapPost("/ledger/bank/lines-of", (FindLines find, Ledger ledger) => ledger.Find(Name, find));
        app.MapGet("/ledger/bank", (Ledger ledger) => BankRules.Summarize(ledger.ReadAll(Name)));
    }

    private static async Task<BankChargeResult> ChargeAsync(
        BankCharge charge, Ledger ledger, TimeProvider time, IOptions<OutsideOptions> options, CancellationToken cancellationToken)
    {
        var isNew = false;
        var answer = await ledger.ChangeAsync(Name, charge.Key, entries =>
        {
            var decision = BankRules.Charge(entries, charge, time.GetUtcNow());
            isNew = decision.Append is not null;
            return decision;
        });
        if (isNew && charge.Token == "tok_timeout") await Task.Delay(options.Value.TimeoutAnswerAfter, time, cancellationToken);
        return answer;
    }

    private static Task<BankReversalResult> ReverseAsync(BankReversal reversal, Ledger ledger, TimeProvider time) =>
        ledger.ChangeAsync(Name, reversal.Key, entries => BankRules.Reverse(entries, reversal, time.GetUtcNow()));

    private static BankInquiryResult Inquire(IReadOnlyList<Entry> entries) => new(
        BankRules.StateOf(entries),
        entries.FirstOrDefault(entry => entry.Kind == BankRules.Capture) is { } capture ? new Money(capture.Amount, capture.Currency!) : null);
}
