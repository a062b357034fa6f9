namespace Quayside.Orders;

/// <summary>
/// What a caller has seen of the write side: an order at a version. A command answers with it in the header <c>Consistency-Token</c>; a list that gets it
/// back contains the order at that version or a later one.
/// </summary>
internal readonly record struct ConsistencyToken(string OrderId, long Version)
{
    public const string Header = "Consistency-Token";

    private const int MaxLength = 200;

    public override string ToString() => OpaqueToken.Format(Version, OrderId);

    /// <returns>Null if no command has answered with it.</returns>
    public static ConsistencyToken? Parse(string text) =>
        text.Length <= MaxLength && OpaqueToken.Parse(text) is var (version, orderId) ? new(orderId, version) : null;
}
