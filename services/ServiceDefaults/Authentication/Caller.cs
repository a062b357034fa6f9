using System.Security.Claims;

namespace Quayside.ServiceDefaults.Authentication;

/// <summary>Who calls, from the verified token.</summary>
public static class Caller
{
    extension(ClaimsPrincipal user)
    {
        /// <summary>The claim sub; only for endpoints that require an authenticated user.</summary>
        public string UserId => user.FindFirstValue("sub") ?? throw new InvalidOperationException("The endpoint lets anonymous callers in.");

        public bool IsAdmin => user.IsInRole("admin");
    }
}
