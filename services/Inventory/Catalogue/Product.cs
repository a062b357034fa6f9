using Quayside.Contracts;

namespace Quayside.Inventory.Catalogue;

internal sealed record Product(string ProductId, string Name, Money Price);
