namespace Quayside.Services.Tests.Models;

/// <summary>What becomes of a call that a participant makes.</summary>
internal enum Fate
{
    Happens,

    /// <summary>It never arrives, and the caller hears of a failure; so do the other fates' callers.</summary>
    Fails,

    /// <summary>It arrives.</summary>
    AnswerIsLost,

    /// <summary>It arrives at some later move.</summary>
    IsLate,

    /// <summary>The calling process dies, the call with it.</summary>
    DiesBefore,

    /// <summary>The calling process dies, the call arrives.</summary>
    DiesAfter,
}
