namespace Quayside.Orders.Storage;

/// <summary>Section <c>Orders</c> of the configuration.</summary>
public sealed class OrdersOptions
{
    /// <summary>Shards of a new installation; an existing one keeps its table of buckets.</summary>
    public int Shards { get; set; } = 4;

    /// <summary>Totals over this many minor units wait for an approval.</summary>
    public long ApprovalLimit { get; set; } = 10_000_000;

    /// <summary>After the deletion of a user, how long and how often Orders looks whether the key can go; longer than a request may run that found the user before.</summary>
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a commit survives loss of power too, at the price of a disk flush a group of writes.</summary>
    public bool SurvivePowerLoss { get; set; }
}
