#nullable disable
using Dapr.AspNetCore;

namespace Microsoft.AspNetCore.Authentication;

/// <summary>The scheme "Dapr": calls that carry the app's token in <c>dapr-api-token</c>.</summary>
public static class DaprAuthenticationBuilderExtensions
{
    public static AuthenticationBuilder AddDapr(this AuthenticationBuilder builder) => builder.AddDapr(null);

    public static AuthenticationBuilder AddDapr(this AuthenticationBuilder builder, Action<DaprAuthenticationOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddScheme<DaprAuthenticationOptions, DaprAuthenticationHandler>(DaprAuthenticationHandler.SchemeName, configureOptions);
    }
}
