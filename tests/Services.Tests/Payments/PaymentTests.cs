using LocalDapr.Protocol.Grpc;
using Quayside.Contracts;
using Quayside.Contracts.Outside;
using Quayside.Contracts.Payments;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Payments;

public sealed class PaymentTests
{
    [Fact]
    public async Task A_repeated_charge_is_one_capture()
    {
        await using var house = await House.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => house.ChargeAsync("o1", 500)));
        Assert.All(answers, answer => Assert.Equal(ChargeOutcome.Charged, answer.Result));
        Assert.Equal((1, 500L), await house.BankAsync() is var bank ? (bank.Captures, bank.Captured) : default);
    }

    [Fact]
    public async Task A_repeat_with_another_amount_changes_nothing()
    {
        await using var house = await House.StartAsync();
        await house.ChargeAsync("o1", 500);
        Assert.Equal(ChargeOutcome.Charged, (await house.ChargeAsync("o1", 900)).Result);
        Assert.Equal(500, (await house.BankAsync()).Captured);
    }

    [Fact]
    public async Task A_declined_card_is_a_refusal_with_a_reason_that_lasts()
    {
        await using var house = await House.StartAsync();
        Assert.Equal(new(ChargeOutcome.Refused, "card declined"), await house.ChargeAsync("o1", token: "tok_declined"));
        Assert.Equal(new(ChargeOutcome.Refused, "card declined"), await house.ChargeAsync("o1"));
        Assert.Equal(RefundOutcome.Nothing, (await house.RefundAsync("o1")).Result);
        Assert.Equal(0, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_refund_gives_the_money_back_once()
    {
        await using var house = await House.StartAsync();
        await house.ChargeAsync("o1", 500);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.RefundAsync("o1")));
        Assert.All(answers, answer => Assert.Equal(RefundOutcome.Refunded, answer.Result));
        var bank = await house.BankAsync();
        Assert.Equal((1, 1, 500L, 500L), (bank.Captures, bank.Refunds, bank.Captured, bank.Refunded));
    }

    [Fact]
    public async Task A_charge_after_its_refund_is_refused()
    {
        await using var house = await House.StartAsync();
        Assert.Equal(RefundOutcome.Nothing, (await house.RefundAsync("o1")).Result);
        Assert.Equal(ChargeOutcome.Refused, (await house.ChargeAsync("o1")).Result);
        Assert.Equal(0, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_charge_after_the_refund_of_a_charge_is_refused()
    {
        await using var house = await House.StartAsync();
        await house.ChargeAsync("o1");
        await house.RefundAsync("o1");
        Assert.Equal(ChargeOutcome.Refused, (await house.ChargeAsync("o1")).Result);
        Assert.Equal(1, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_refund_that_overtakes_the_charge_on_its_way_to_the_bank_cancels_the_key()
    {
        await using var house = await House.StartAsync();
        var onTheWay = new Moment();
        house.Sidecar.BeforeCall = (app, path) => (app, path) == ("bank", "charges") ? onTheWay.PassAsync() : Task.CompletedTask;
        var charge = house.ChargeAsync("o1");
        await onTheWay.Reached;
        Assert.Equal(RefundOutcome.Nothing, (await house.RefundAsync("o1")).Result);
        onTheWay.GoOn();
        Assert.Equal(ChargeOutcome.Refused, (await charge).Result);
        Assert.Equal((0, 1), await house.BankAsync() is var bank ? (bank.Captures, bank.Voids) : default);
    }

    [Fact]
    public async Task The_banks_late_answer_after_the_refund_leaves_no_money()
    {
        await using var house = await House.StartAsync();
        var late = new Moment();
        house.Sidecar.AfterCall = (app, path) => (app, path) == ("bank", "charges") ? late.PassAsync() : Task.CompletedTask;
        var charge = house.ChargeAsync("o1", 500);
        await late.Reached;
        Assert.Equal(RefundOutcome.Refunded, (await house.RefundAsync("o1")).Result);
        late.GoOn();
        Assert.Equal(ChargeOutcome.Refused, (await charge).Result);
        Assert.Equal(0, await house.BankAsync() is var bank ? bank.Captured - bank.Refunded : 1);
    }

    [Fact]
    public async Task A_flaky_bank_fails_technically_twice_and_captures_once()
    {
        await using var house = await House.StartAsync();
        Assert.Equal(ChargeOutcome.TryAgain, (await house.ChargeAsync("o1", token: "tok_flaky")).Result);
        Assert.Equal(ChargeOutcome.TryAgain, (await house.ChargeAsync("o1", token: "tok_flaky")).Result);
        Assert.Equal(ChargeOutcome.Charged, (await house.ChargeAsync("o1", token: "tok_flaky")).Result);
        Assert.Equal(1, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_flaky_card_is_no_failure_of_the_bank_that_a_breaker_would_count()
    {
        await using var house = await House.StartAsync();
        var amount = Money.Euro(1);
        Assert.Equal(System.Net.HttpStatusCode.OK, await house.DeliverAsync("bank", "charges", new BankCharge("k1", amount, "tok_flaky")));
        Assert.Equal(System.Net.HttpStatusCode.OK, await house.DeliverAsync(
            "payment-service", "internal/payments/charge", new ChargeCard("k2", "user", amount, "tok_flaky")));
    }

    [Fact]
    public async Task A_charge_that_was_never_tried_again_is_undone_with_nothing_to_refund()
    {
        await using var house = await House.StartAsync();
        await house.ChargeAsync("o1", token: "tok_flaky");
        Assert.Equal(RefundOutcome.Nothing, (await house.RefundAsync("o1")).Result);
        Assert.Equal(ChargeOutcome.Refused, (await house.ChargeAsync("o1", token: "tok_flaky")).Result);
        Assert.Equal(0, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_charge_whose_outcome_nobody_knows_is_refunded()
    {
        await using var house = await House.StartAsync();
        house.Sidecar.AfterCall = (app, path) => (app, path) == ("bank", "charges") ? throw new HttpRequestException("lost") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ChargeAsync("o1", 500));
        Assert.Equal(500, (await house.BankAsync()).Captured);
        Assert.Equal(RefundOutcome.Refunded, (await house.RefundAsync("o1")).Result);
        Assert.Equal(500, (await house.BankAsync()).Refunded);
    }

    [Fact]
    public async Task A_repeat_with_another_amount_charges_what_was_intended_first()
    {
        await using var house = await House.StartAsync();
        house.Sidecar.BeforeCall = (app, path) => (app, path) == ("bank", "charges") ? throw new HttpRequestException("never arrived") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ChargeAsync("o1", 500));
        house.Sidecar.BeforeCall = (_, _) => Task.CompletedTask;
        Assert.Equal(ChargeOutcome.Charged, (await house.ChargeAsync("o1", 900)).Result);
        Assert.Equal(500, (await house.BankAsync()).Captured);
    }

    [Fact]
    public async Task A_refund_that_the_charge_outruns_at_the_end_is_final_all_the_same()
    {
        await using var house = await House.StartAsync();
        var (captured, refunded) = (new Moment(), new Moment());
        house.Sidecar.AfterCall = (app, path) => path switch
        {
            "charges" => captured.PassAsync(),
            "charges/reverse" => refunded.PassAsync(),
            _ => Task.CompletedTask,
        };
        var charge = house.ChargeAsync("o1");
        await captured.Reached;
        var refund = house.RefundAsync("o1");
        await refunded.Reached;
        captured.GoOn();
        Assert.Equal(ChargeOutcome.Charged, (await charge).Result);
        refunded.GoOn();
        Assert.Equal(RefundOutcome.Refunded, (await refund).Result);
        Assert.Equal(ChargeOutcome.Refused, (await house.ChargeAsync("o1")).Result);
    }

    [Fact]
    public async Task A_refund_tells_what_it_gave_back_though_the_refused_charge_wrote_the_end()
    {
        await using var house = await House.StartAsync();
        house.Sidecar.AfterCall = (app, path) => (app, path) == ("bank", "charges") ? throw new HttpRequestException("lost") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ChargeAsync("o1"));
        var refunded = new Moment();
        house.Sidecar.AfterCall = (app, path) => (app, path) == ("bank", "charges/reverse") ? refunded.PassAsync() : Task.CompletedTask;
        var refund = house.RefundAsync("o1");
        await refunded.Reached;
        Assert.Equal(ChargeOutcome.Refused, (await house.ChargeAsync("o1")).Result);
        refunded.GoOn();
        Assert.Equal(RefundOutcome.Refunded, (await refund).Result);
    }

    [Fact]
    public async Task An_answer_of_the_bank_that_says_nothing_is_no_refusal_and_no_refund()
    {
        await using var house = await House.StartAsync();
        var bank = house.Sidecar.Apps["bank"];
        await house.RunAsync([], ["bank"], House.Mute);
        var mute = house.Sidecar.Apps["bank"];
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ChargeAsync("o1"));
        house.Sidecar.Apps["bank"] = bank;
        Assert.Equal(ChargeOutcome.Charged, (await house.ChargeAsync("o1")).Result);
        house.Sidecar.Apps["bank"] = mute;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.RefundAsync("o1"));
        house.Sidecar.Apps["bank"] = bank;
        Assert.Equal(RefundOutcome.Refunded, (await house.RefundAsync("o1")).Result);
    }

    [Fact]
    public async Task A_store_that_calls_a_lost_race_to_create_a_failure_changes_nothing()
    {
        await using var house = await House.StartAsync();
        await house.ChargeAsync("o1");
        house.Sidecar.BeforeWrite = item => item.Key.StartsWith("payment-", StringComparison.Ordinal) && item.Etag is not { Value.Length: > 0 }
            ? throw new RpcException(StatusCode.Internal, "duplicate key")
            : Task.CompletedTask;
        Assert.Equal(ChargeOutcome.Charged, (await house.ChargeAsync("o1")).Result);
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ChargeAsync("o2"));
        Assert.Equal(1, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_caller_who_gives_up_after_the_intent_does_not_stop_the_charge()
    {
        await using var house = await House.StartAsync("--Outside:TimeoutAnswerAfter=00:00:01");
        var captured = new Moment();
        house.Sidecar.BeforeCall = (app, path) => (app, path) == ("bank", "charges") ? captured.PassAsync() : Task.CompletedTask;
        using var patience = new CancellationTokenSource();
        var charge = house.ChargeAsync("o1", token: "tok_timeout", cancellationToken: patience.Token);
        await captured.Reached;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => charge);
        captured.GoOn();
        await House.Until(() => Task.FromResult(house.Sidecar.Documents["payments-store/payment-o1"].Contains("\"done\"", StringComparison.Ordinal)));
        Assert.Equal(ChargeOutcome.Charged, (await house.ChargeAsync("o1")).Result);
        Assert.Equal(1, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task The_card_token_is_never_kept()
    {
        await using var house = await House.StartAsync();
        await house.ChargeAsync("o1");
        Assert.DoesNotContain(house.Sidecar.Documents.Values, document => document.Contains("tok_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_own_sidecar_may_command()
    {
        await using var house = await House.StartAsync();
        using var http = new HttpClient();
        using var answer = await http.SendAsync(house.StrangersRequest(HttpMethod.Post, "payment-service", "internal/payments/charge"));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
