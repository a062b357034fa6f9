namespace Quayside.Contracts;

public static class Topics
{
    /// <summary>The Dapr pub/sub component, whichever broker is behind it.</summary>
    public const string PubSub = "pubsub";

    public const string Orders = "orders";
    public const string Users = "users";
}
