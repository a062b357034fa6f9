namespace Quayside.Outside.Ledgers;

/// <summary>One line of a ledger. Lines are only ever added.</summary>
internal sealed record Entry(string Kind, DateTimeOffset At, long Amount = 0, string? Currency = null, string? Detail = null);

/// <param name="Position">Grows with every line of either ledger.</param>
internal sealed record KeyedEntry(long Position, string Key, Entry Entry);
