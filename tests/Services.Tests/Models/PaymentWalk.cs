using Quayside.Contracts;
using Quayside.Contracts.Payments;
using Quayside.Outside.Bank;
using Quayside.Outside.Ledgers;

namespace Quayside.Services.Tests.Models;

/// <summary>Money: at most one capture a key, nothing refunded that was not captured, nothing held once the record is undone.</summary>
internal sealed class PaymentWalk(ParticipantHouse house, Ledger ledger) : Walk(house)
{
    public const int Commands = 10;
    private const long Cents = 500;
    private readonly HashSet<string> refunding = [];
    private readonly HashSet<(string Order, string Token)> tokens = [];

    protected override Errand Choose(Replica replica, string order, int command) => command switch
    {
        < 4 => Charge(order, "tok_ok"),
        < 7 => Refund(order),
        7 => Charge(order, "tok_flaky"),
        8 => Charge(order, "tok_declined"),
        _ => Charge(order, "tok_ok", Cents + 400),
    };

    protected override void Check()
    {
        foreach (var order in Orders)
        {
            var record = Record(order);
            var lines = Lines(order);
            var captures = lines.Where(line => line.Kind == BankRules.Capture).ToList();
            var refunds = lines.Where(line => line.Kind == BankRules.Refund).ToList();
            Assert.True(captures.Count <= 1, $"{order} is captured {captures.Count} times");
            Assert.True(refunds.Count <= captures.Count, $"{order} is refunded {refunds.Count} times");
            Assert.True(lines.Count == 0 || record.Intended is not null, $"{order} came to the bank without an intent");
            if (captures is [var capture])
            {
                var (amount, currency) = ((long)record.Intended!["amount"]!["amount"]!, (string?)record.Intended!["amount"]!["currency"]);
                Assert.Equal((amount, currency), (capture.Amount, capture.Currency));
                Assert.All(refunds, refund => Assert.Equal((amount, currency), (refund.Amount, refund.Currency)));
            }

            var isHeld = captures.Count > refunds.Count;
            if (record.Stage == "undone") Assert.False(isHeld, $"{order} is undone and its money held");
            if (record.Stage == "done" && !refunding.Contains(order)) Assert.True(isHeld, $"{order} is done without money");
        }
    }

    protected override void CheckEnd()
    {
        foreach (var order in Orders) Assert.Contains(Record(order).Stage, new[] { "done", "undone" });
    }

    protected override async Task CloseAsync(string order)
    {
        for (var tries = 0; tries < 4; tries++)
        {
            var last = await AskAsync(refunding.Contains(order) ? Refund(order) : Charge(order, "tok_ok"));
            if (last.Answer is RefundChargeResult or ChargeCardResult { Result: not ChargeOutcome.TryAgain }) return;
        }

        Assert.Fail($"{order} never ends");
    }

    private Errand Charge(string order, string token, long cents = Cents)
    {
        tokens.Add((order, token));
        var command = new ChargeCard(House.IdOf(order), "user", Money.Euro(cents), token);
        return new(order, $"charge {cents} by {token} for {order}", replica => House.PostAsync<ChargeCard, ChargeCardResult>(replica, "internal/payments/charge", command), (answer, errand) =>
        {
            var charged = (ChargeCardResult)answer;
            var (stage, mayBe) = charged.Result switch
            {
                ChargeOutcome.Charged => ("done", true),
                ChargeOutcome.Refused => ("undone", refunding.Contains(order) || tokens.Contains((order, "tok_declined"))),
                _ => ("intent", tokens.Contains((order, "tok_flaky"))),
            };
            Assert.True(mayBe && StagesSince(errand).Contains(stage), $"{charged} is untrue");
            if (charged.Result == ChargeOutcome.Refused) Assert.Equal(Record(order).Reason, charged.Reason);
        });
    }

    private Errand Refund(string order)
    {
        refunding.Add(order);
        var command = new RefundCharge(House.IdOf(order), "test");
        return new(order, $"refund {order}", replica => House.PostAsync<RefundCharge, RefundChargeResult>(replica, "internal/payments/refund", command), (answer, _) =>
        {
            var (refunded, isRefunded) = (((RefundChargeResult)answer).Result, Lines(order).Any(line => line.Kind == BankRules.Refund));
            Assert.Equal("undone", Record(order).Stage);
            // A refund whose answer was lost, then a charge that was refused for it: the record does not know that there was money.
            Assert.True(refunded == RefundOutcome.Refunded ? isRefunded : !isRefunded || (!IsUntroubled(order) && !Record(order).Stages.Contains("done")), $"{refunded} is untrue");
        });
    }

    private IReadOnlyList<Entry> Lines(string order) => ledger.Read("bank", House.IdOf(order));
}
