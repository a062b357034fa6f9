#nullable disable
using Dapr.AspNetCore;

namespace Microsoft.AspNetCore.Authorization;

/// <summary>The policy of callers that have the app's token.</summary>
public static class DaprAuthorizationOptionsExtensions
{
    public static void AddDapr(this AuthorizationOptions options, string name = "Dapr")
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddPolicy(name, policy => policy.AddAuthenticationSchemes(DaprAuthenticationHandler.SchemeName).RequireAuthenticatedUser());
    }
}
