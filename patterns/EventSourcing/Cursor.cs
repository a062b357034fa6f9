namespace Quayside.EventSourcing;

/// <summary>A place in the global order of one shard. Positions grow with gaps; a reader remembers the last cursor that it handled.</summary>
/// <param name="Transaction">0 on SQLite, where one writer commits in order of position; a server database with concurrent commits
/// orders by transaction first.</param>
public readonly record struct Cursor(long Transaction, long Position) : IComparable<Cursor>
{
    /// <summary>Before the first event.</summary>
    public static Cursor Start => default;

    public int CompareTo(Cursor other) =>
        Transaction != other.Transaction ? Transaction.CompareTo(other.Transaction) : Position.CompareTo(other.Position);

    public static bool operator <(Cursor left, Cursor right) => left.CompareTo(right) < 0;
    public static bool operator >(Cursor left, Cursor right) => left.CompareTo(right) > 0;
    public static bool operator <=(Cursor left, Cursor right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Cursor left, Cursor right) => left.CompareTo(right) >= 0;
}
