using FsCheck;
using FsCheck.Fluent;
using Quayside.Inventory.Stock;

namespace Quayside.Services.Tests.Inventory;

public sealed class StockDocumentTests
{
    [Fact]
    public void No_sequence_of_commands_makes_or_loses_a_piece()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<(byte Kind, byte Order, byte Attempt, sbyte Quantity)[]>(), commands =>
        {
            var stock = StockDocument.Of(50);
            foreach (var (kind, order, attempt, quantity) in commands)
            {
                var command = Command(kind, new LineId($"o{order % 3}", 1 + (attempt % 3)), quantity);
                (stock, _) = stock.Apply(command);
                if (stock.OnHand < 0 || stock.OnHand + stock.Reserved + stock.Shipped != 50) return false;
                // The same command at once again changes nothing.
                if (!ReferenceEquals(stock.Apply(command).Next, stock)) return false;
            }

            return true;
        }));
    }

    [Fact]
    public void A_later_attempt_takes_the_place_of_an_earlier_one()
    {
        var (stock, _) = StockDocument.Of(10).Apply(new StockCommand.Reserve(new("o1", 1), 4));
        (stock, _) = stock.Apply(new StockCommand.Reserve(new("o1", 2), 4));
        Assert.Equal((6, 4), (stock.OnHand, stock.Reserved));
        (stock, _) = stock.Apply(new StockCommand.Reserve(new("o1", 1), 4));
        (stock, _) = stock.Apply(new StockCommand.Ship(new("o1", 2)));
        Assert.Equal((6, 0, 4), (stock.OnHand, stock.Reserved, stock.Shipped));
    }

    [Fact]
    public void A_command_says_whether_it_was_taken()
    {
        var line = new LineId("o1", 1);
        var (stock, isTaken) = StockDocument.Of(10).Apply(new StockCommand.Reserve(line, 10));
        Assert.True(isTaken);
        Assert.True(stock.Apply(new StockCommand.Reserve(line, 10)).IsTaken);
        Assert.False(stock.Apply(new StockCommand.Reserve(new("o2", 1), 1)).IsTaken);
        Assert.True(stock.Apply(new StockCommand.Release(line)).IsTaken);
        Assert.True(stock.Apply(new StockCommand.Ship(line)).IsTaken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(11)]
    public void No_line_is_opened_for_nothing_or_for_more_than_there_is(int quantity) =>
        Assert.Equal((StockDocument.Of(10), false), StockDocument.Of(10).Apply(new StockCommand.Reserve(new("o1", 1), quantity)));

    [Theory]
    [InlineData("o1", 1, "o1")]
    [InlineData("o1", 12, "o1#12")]
    public void A_line_is_named_by_order_and_attempt(string order, int attempt, string text)
    {
        Assert.Equal(text, new LineId(order, attempt).ToString());
        Assert.Equal(new LineId(order, attempt), LineId.Parse(text));
    }

    private static StockCommand Command(byte kind, LineId line, int quantity) => (kind % 3) switch
    {
        0 => new StockCommand.Reserve(line, quantity),
        1 => new StockCommand.Release(line),
        _ => new StockCommand.Ship(line),
    };
}
