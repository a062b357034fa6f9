namespace Quayside.Orders.Admission;

/// <summary>Section <c>Orders:Admission</c> of the configuration.</summary>
public sealed class AdmissionOptions
{
    /// <summary>Orders under way in all shards, those that wait for a human left out. At 50 orders a second this many take ten seconds to their end.</summary>
    public int RunningSagas { get; set; } = 500;

    /// <summary>Of one user: nobody alone can keep the others out.</summary>
    public int RunningSagasPerUser { get; set; } = 250;

    /// <summary>Age of the oldest event that no broker has taken.</summary>
    public TimeSpan RelayLag { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How old a measurement may be; orders admitted since then are added to it.</summary>
    public TimeSpan MeasureEvery { get; set; } = TimeSpan.FromMilliseconds(250);
}
