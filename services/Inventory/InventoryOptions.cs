namespace Quayside.Inventory;

public sealed class InventoryOptions
{
    /// <summary>Pieces of each product at first start.</summary>
    public long InitialStock { get; set; } = 10_000;

    /// <summary>A line left behind is dropped at the second sweep that sees it.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);
}
