namespace LocalDapr.Runtime.Resiliency;

/// <summary>Sees what happens under the policies of one target, for the metrics.</summary>
public interface IPolicyWatch
{
    /// <summary>Which kinds of policy the target has.</summary>
    void Uses(bool timeout, bool retry, bool breaker);

    void TimedOut();

    void Retrying();

    /// <summary>A call ran under the breaker, or was refused by it, while in this state.</summary>
    void Counted(BreakerState state);

    void Entered(BreakerState state);
}
