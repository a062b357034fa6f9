#nullable disable
using Microsoft.AspNetCore.Authentication;

namespace Dapr.AspNetCore;

/// <summary>The token that the sidecar must send; by default the environment's APP_API_TOKEN.</summary>
public class DaprAuthenticationOptions : AuthenticationSchemeOptions
{
    public string Token { get; set; } = DaprDefaults.GetDefaultAppApiToken(null);
}
