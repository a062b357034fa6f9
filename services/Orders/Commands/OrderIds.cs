using Quayside.ServiceDefaults.Ids;

namespace Quayside.Orders.Commands;

/// <summary>The id of an order follows from who ordered under which key, so that repeating a request cannot make a second order.</summary>
internal static class OrderIds
{
    /// <returns>UUIDv5 (RFC 9562) of the key in the namespace of the user; a user id that is no UUID is made one in the same way.</returns>
    public static string From(string userId, string idempotencyKey) =>
        NameBasedUuid.Create(Guid.TryParse(userId, out var user) ? user : NameBasedUuid.Create(Guid.Empty, userId), idempotencyKey).ToString();
}
