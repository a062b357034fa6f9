namespace Quayside.Services.Tests.Sagas;

/// <summary>What goes wrong with one call of one activity.</summary>
public enum FaultKind
{
    /// <summary>Answered with a refusal that the contract of the call knows, once; the callee hears nothing.</summary>
    Refused,

    /// <summary>Fails once before it reaches the callee.</summary>
    ThrowsOnce,

    /// <summary>Never reaches the callee.</summary>
    ThrowsForEver,

    /// <summary>Reaches the callee, and its answer is lost, once.</summary>
    TimesOut,

    /// <summary>Reaches the callee each time, and its answer is lost each time.</summary>
    TimesOutForEver,

    /// <summary>The callee cannot be reached for five minutes.</summary>
    CalleeDown,

    /// <summary>The worker dies with the call under way; the callee hears it only after the saga has given up and undone everything.</summary>
    LateAfterCompensation,

    /// <summary>The worker dies with the call under way; the callee hears it only after another worker has brought the saga to its end.</summary>
    LateAfterSuccess,

    WorkerKilledBefore,
    WorkerKilledAfter,
    RuntimeKilledBefore,
    RuntimeKilledAfter,
}

/// <summary>A call that an activity makes, itself or through the service that it calls.</summary>
public sealed record Call(string Activity, string App, string Path)
{
    public override string ToString() => $"{Activity} -> {App}/{Path}";
}

/// <summary>One cell of the matrix.</summary>
public sealed record Fault(Call Call, FaultKind Kind)
{
    /// <summary>The outcome of the call stays unknown, however often it is tried.</summary>
    public bool Lasts => Kind is FaultKind.ThrowsForEver or FaultKind.TimesOutForEver or FaultKind.LateAfterCompensation;

    public override string ToString() => $"{Call}: {Kind}";
}
