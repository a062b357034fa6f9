namespace Quayside.RelayProcess;

/// <summary>Lines between an append and the mark of its event, in the order in which they are passed.</summary>
public enum FaultPoint
{
    BeforeTheAppend,

    /// <summary>SQLite: in the open transaction. PostgreSQL: the statement is on its way to the server.</summary>
    WithinTheAppend,
    AfterTheAppend,
    AfterTheLease,
    BeforeThePublish,

    /// <summary>The broker has the event, the relay does not know it yet.</summary>
    AfterThePublish,
    BeforeTheMark,
    WithinTheMark,
    AfterTheMark,
}
