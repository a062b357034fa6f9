namespace Quayside.Outside.Ledgers;

/// <summary>The answer to a request and the line that it adds to the ledger, if any.</summary>
internal sealed record Decision<TAnswer>(TAnswer Answer, Entry? Append = null);
