namespace Quayside.Inventory.Stock;

internal abstract record StockCommand
{
    private StockCommand() { }

    /// <summary>Opens the line and gives back those of earlier attempts. Answers whether the line is open.</summary>
    public sealed record Reserve(LineId Line, int Quantity) : StockCommand;

    /// <summary>Gives back the line and those of earlier attempts.</summary>
    public sealed record Release(LineId Line) : StockCommand;

    /// <summary>The line's pieces leave the house; lines of earlier attempts are given back.</summary>
    public sealed record Ship(LineId Line) : StockCommand;
}
