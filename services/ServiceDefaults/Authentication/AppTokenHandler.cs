using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quayside.ServiceDefaults.Authentication;

internal sealed class AppTokenOptions : AuthenticationSchemeOptions
{
    public string? Token { get; set; }
}

/// <summary>The sidecar proves itself with the header dapr-api-token.</summary>
internal sealed class AppTokenHandler(IOptionsMonitor<AppTokenOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AppTokenOptions>(options, logger, encoder)
{
    public new const string Scheme = "Dapr";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers["dapr-api-token"] is not [{ Length: > 0 } given]) return Task.FromResult(AuthenticateResult.NoResult());
        var equal = Options.Token is { Length: > 0 } expected
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
        if (!equal) return Task.FromResult(AuthenticateResult.Fail("Not authenticated."));
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, Scheme)], Scheme);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme)));
    }
}
