namespace Quayside.Saga.Participants;

/// <summary>
/// Where one participant stands with one order: None -> Intent -> Done -> Undone or Committed, or None -> Undone, or Intent -> Undone.
/// Undone and Committed are final.
/// </summary>
public enum Stage
{
    None,

    /// <summary>Written before the effect: from here the effect may have happened.</summary>
    Intent,

    /// <summary>Written after the effect.</summary>
    Done,

    /// <summary>Refused or compensated. A do that comes later is refused.</summary>
    Undone,

    /// <summary>Can no longer be compensated.</summary>
    Committed,
}
