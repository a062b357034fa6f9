using Quayside.Contracts;

namespace Quayside.Inventory.Catalogue;

public sealed record ProductPage<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>A product as everybody sees it; Available is a snapshot, at most a second old.</summary>
public sealed record ProductView(string ProductId, string Name, Money Price, long Available);
