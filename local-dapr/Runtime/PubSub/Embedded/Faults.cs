using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>What real brokers do to their consumers now and then: <c>--embedded-faults duplicate,reorder,delay,ack-lost</c>.</summary>
internal sealed class Faults(EmbeddedFaults kinds)
{
    private const int MaxDelayMilliseconds = 100;
    private const int Distance = 10;

    /// <summary>An event that the app has taken is delivered once more: a second time at once, or because its acknowledgement got lost.</summary>
    public bool DeliversAgain => (Has(EmbeddedFaults.Duplicate) && OneIn(4)) || (Has(EmbeddedFaults.AckLost) && OneIn(10));

    /// <summary>The event ignores its key and overtakes, or is overtaken by, its neighbours.</summary>
    public bool Reorders => Has(EmbeddedFaults.Reorder) && OneIn(2);

    public static long Shift => Random.Shared.Next(-Distance, Distance + 1);

    public TimeSpan Delay => Has(EmbeddedFaults.Delay) ? TimeSpan.FromMilliseconds(Random.Shared.Next(MaxDelayMilliseconds)) : TimeSpan.Zero;

    private static bool OneIn(int chance) => Random.Shared.Next(chance) == 0;

    private bool Has(EmbeddedFaults kind) => (kinds & kind) != 0;
}
