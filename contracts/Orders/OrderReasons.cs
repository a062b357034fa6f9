namespace Quayside.Contracts.Orders;

/// <summary>Reasons that Orders itself gives; participants give their own.</summary>
public static class OrderReasons
{
    public const string CustomerCancelled = "cancelled by the customer";
    public const string CustomerDeleted = "the customer was deleted";
    public const string ApprovalAwaited = "the approval is awaited";
    public const string ApprovalRejected = "the approval was rejected";
    public const string ApprovalExpired = "the approval expired";
    public const string Deadline = "not completed in time";
    public const string Exhausted = "could not be completed";
}
