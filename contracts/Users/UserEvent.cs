namespace Quayside.Contracts.Users;

/// <summary>What can happen to a user; names in <see cref="UserEvents"/>.</summary>
public abstract record UserEvent
{
    private UserEvent() { }

    /// <summary>The only event of the house that carries an address.</summary>
    public sealed record Created(string UserId, string Email) : UserEvent;

    /// <param name="Changed">Names of the fields, not what is in them: who needs that asks for the profile.</param>
    public sealed record Updated(string UserId, IReadOnlyList<string> Changed) : UserEvent;

    /// <summary>The last event of a user: whoever keeps anything about the user forgets it.</summary>
    public sealed record Deleted(string UserId) : UserEvent;
}

/// <summary>Event types, the same in the store, on the topic and as CloudEvent type.</summary>
public static class UserEvents
{
    public const string Created = "user.created";
    public const string Updated = "user.updated";
    public const string Deleted = "user.deleted";
}
