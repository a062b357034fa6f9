using Microsoft.Data.Sqlite;
using Quayside.Contracts;
using Quayside.Contracts.Outside;
using Quayside.Outside;
using Quayside.Outside.Ledgers;
using Quayside.ServiceDefaults.Hosting;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Outside;

public sealed class LedgerTests
{
    [Fact]
    public async Task One_key_is_one_capture_whoever_asks_how_often()
    {
        await using var house = await StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ChargeAsync(house, "k1")));
        Assert.All(answers, answer => Assert.Equal(BankChargeOutcome.Captured, answer.Result));
        Assert.Equal((1, 500L), await house.BankAsync() is var bank ? (bank.Captures, bank.Captured) : default);
    }

    [Theory]
    [InlineData("tok_declined", "card declined")]
    [InlineData("tok_unheard_of", "unknown card")]
    public async Task A_refused_card_stays_refused(string token, string reason)
    {
        await using var house = await StartAsync();
        Assert.Equal(new(BankChargeOutcome.Refused, reason), await ChargeAsync(house, "k1", token));
        Assert.Equal(new(BankChargeOutcome.Refused, reason), await ChargeAsync(house, "k1"));
        Assert.Equal(BankEntryState.Refused, (await InquireAsync(house, "k1")).State);
    }

    [Theory]
    [InlineData(499, "EUR")]
    [InlineData(501, "EUR")]
    [InlineData(500, "USD")]
    public async Task A_key_is_for_one_amount(long amount, string currency)
    {
        await using var house = await StartAsync();
        await ChargeAsync(house, "k1");
        var other = new BankCharge("k1", new Money(amount, currency), "tok_ok");
        Assert.Equal(new(BankChargeOutcome.Refused, "key used for another amount"), await house.PostAsync<BankCharge, BankChargeResult>("bank", "charges", other));
        Assert.Equal((1, 500L), await house.BankAsync() is var bank ? (bank.Captures, bank.Captured) : default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Nothing_and_less_is_not_captured(long amount)
    {
        await using var house = await StartAsync();
        var charge = new BankCharge("k1", Money.Euro(amount), "tok_ok");
        Assert.Equal(new(BankChargeOutcome.Refused, "invalid amount"), await house.PostAsync<BankCharge, BankChargeResult>("bank", "charges", charge));
        Assert.Equal(0, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task A_key_that_was_cancelled_before_its_charge_captures_nothing()
    {
        await using var house = await StartAsync();
        for (var i = 0; i < 2; i++)
            Assert.Equal(BankReversalOutcome.Voided, (await ReverseAsync(house, "k1")).Result);
        Assert.Equal(BankChargeOutcome.Refused, (await ChargeAsync(house, "k1")).Result);
        Assert.Equal((0, 1), await house.BankAsync() is var bank ? (bank.Captures, bank.Voids) : default);
    }

    [Fact]
    public async Task A_capture_is_refunded_once()
    {
        await using var house = await StartAsync();
        await ChargeAsync(house, "k1");
        Assert.Equal(new(BankEntryState.Captured, Money.Euro(500)), await InquireAsync(house, "k1"));
        await ReverseAsync(house, "k1");
        Assert.Equal(BankReversalOutcome.Refunded, (await ReverseAsync(house, "k1")).Result);
        Assert.Equal((1, 500L), await house.BankAsync() is var bank ? (bank.Refunds, bank.Refunded) : default);
    }

    [Fact]
    public async Task A_late_answer_hides_a_capture_that_is_there()
    {
        await using var house = await StartAsync("--Outside:TimeoutAnswerAfter=00:10:00");
        var late = ChargeAsync(house, "k1", "tok_timeout");
        await House.Until(async () => (await InquireAsync(house, "k1")).State == BankEntryState.Captured);
        Assert.False(late.IsCompleted);
        Assert.Equal(BankChargeOutcome.Captured, (await ChargeAsync(house, "k1", "tok_timeout")).Result);
        Assert.Equal(1, (await house.BankAsync()).Captures);
    }

    [Fact]
    public async Task What_was_answered_is_there_after_a_restart()
    {
        await using var house = await StartAsync();
        await ChargeAsync(house, "k1");
        await house.PostAsync<CarrierShipment, CarrierShipmentResult>("carrier", "shipments", new("k1", House.Quay));
        await house.RunAsync([], ["bank", "carrier", "outside"], OutsideApp.Create);
        Assert.Equal(500, (await house.BankAsync()).Captured);
        Assert.Equal(1, (await house.CarrierAsync()).Accepted);
        await ChargeAsync(house, "k1");
        Assert.Equal(1, (await house.BankAsync()).Captures);
    }

    [Theory]
    [InlineData("00:10:00", CarrierCancellationOutcome.Cancelled, 1)]
    [InlineData("00:00:00", CarrierCancellationOutcome.Gone, 0)]
    public async Task A_parcel_can_be_cancelled_until_it_is_collected(string collectAfter, CarrierCancellationOutcome outcome, int cancelled)
    {
        await using var house = await StartAsync($"--Outside:CollectAfter={collectAfter}");
        var shipped = await house.PostAsync<CarrierShipment, CarrierShipmentResult>("carrier", "shipments", new("k1", House.Quay));
        var answer = await house.PostAsync<CarrierCancellation, CarrierCancellationResult>("carrier", "shipments/cancel", new("k1", "test"));
        Assert.Equal(new(outcome, shipped.TrackingId), answer);
        Assert.Equal(cancelled, (await house.CarrierAsync()).Cancelled);
    }

    [Fact]
    public async Task The_lines_of_a_ledger_are_read_once_in_the_order_of_their_writing_page_by_page()
    {
        await using var house = await StartAsync();
        foreach (var key in new[] { "z", "a", "m" }) await ChargeAsync(house, key);
        await house.PostAsync<CarrierShipment, CarrierShipmentResult>("carrier", "shipments", new("z", House.Quay));
        await ReverseAsync(house, "z");
        List<LedgerLine> lines = [];
        LedgerLines page;
        do
        {
            page = await house.PostAsync<ReadLines, LedgerLines>("bank", "ledger/bank/lines", new(lines.LastOrDefault()?.Position ?? 0, Limit: 2));
            lines.AddRange(page.Lines);
        }
        while (page.More);
        Assert.Equal([("z", "capture"), ("a", "capture"), ("m", "capture"), ("z", "refund")], lines.Select(line => (line.Key, line.Kind)));
        Assert.All(lines, line => Assert.Equal(500, line.Amount));
        Assert.Empty((await house.PostAsync<ReadLines, LedgerLines>("bank", "ledger/bank/lines", new(lines[^1].Position))).Lines);
        Assert.Equal([lines[0], lines[3]], (await house.PostAsync<FindLines, LedgerLines>("bank", "ledger/bank/lines-of", new(["z", "nothing"]))).Lines);
        Assert.Equal(["shipment"], (await house.PostAsync<ReadLines, LedgerLines>("carrier", "ledger/carrier/lines", new())).Lines.Select(line => line.Kind));
    }

    [Fact]
    public void Lines_of_the_time_before_they_had_a_position_are_taken_over()
    {
        var folder = Directory.CreateTempSubdirectory("quayside-ledger-");
        try
        {
            using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "ledgers.db")};Pooling=false"))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = """
                    CREATE TABLE entries (ledger TEXT NOT NULL, key TEXT NOT NULL, no INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
                        amount INTEGER NOT NULL, currency TEXT, detail TEXT, PRIMARY KEY (ledger, key, no)) WITHOUT ROWID;
                    INSERT INTO entries VALUES ('bank', 'b', 1, 'capture', 1000, 5, 'EUR', NULL), ('bank', 'a', 1, 'capture', 2000, 7, 'EUR', NULL), ('bank', 'b', 2, 'refund', 3000, 5, 'EUR', 'x');
                    """;
                command.ExecuteNonQuery();
            }
            for (var start = 0; start < 2; start++)
            {
                using var ledger = new Ledger(new DataDirectory(folder.FullName));
                Assert.Equal([("b", "capture"), ("a", "capture"), ("b", "refund")], ledger.ReadAfter("bank", new()).Lines.Select(line => (line.Key, line.Kind)));
                Assert.Equal(["capture", "refund"], ledger.Read("bank", "b").Select(entry => entry.Kind));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<House> StartAsync(params string[] settings)
    {
        var house = await House.EmptyAsync();
        await house.RunAsync(settings, ["bank", "carrier", "outside"], OutsideApp.Create);
        return house;
    }

    private static Task<BankChargeResult> ChargeAsync(House house, string key, string token = "tok_ok") =>
        house.PostAsync<BankCharge, BankChargeResult>("bank", "charges", new(key, Money.Euro(500), token));

    private static Task<BankReversalResult> ReverseAsync(House house, string key) =>
        house.PostAsync<BankReversal, BankReversalResult>("bank", "charges/reverse", new(key, "test"));

    private static Task<BankInquiryResult> InquireAsync(House house, string key) =>
        house.PostAsync<BankInquiry, BankInquiryResult>("bank", "charges/inquire", new(key));
}
