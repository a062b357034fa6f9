using Quayside.Caching;
using Quayside.Contracts;

namespace Quayside.Orders.Pricing;

/// <summary>What an order line takes from the catalogue.</summary>
internal sealed record PricedProduct(string ProductId, string Name, Money Price, long Version) : IVersioned;
