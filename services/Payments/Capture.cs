using Quayside.Contracts;

namespace Quayside.Payments;

/// <summary>What the bank took, or was about to be asked for. The card token is never kept.</summary>
internal sealed record Capture(Money Amount);
