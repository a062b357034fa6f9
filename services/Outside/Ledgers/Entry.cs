namespace Quayside.Outside.Ledgers;

/// <summary>One line of a ledger. Lines are only ever added.</summary>
internal sealed record Entry(string Kind, DateTimeOffset At, long Amount = 0, string? Currency = null, string? Detail = null);

internal sealed record KeyedEntry(string Key, Entry Entry);
