using Quayside.Caching;
using Quayside.Contracts;

namespace Quayside.Inventory.Catalogue;

/// <param name="Version">Grows with each change; the ETag of the resource.</param>
internal sealed record Product(string ProductId, string Name, Money Price, long Version = 1) : IVersioned;
