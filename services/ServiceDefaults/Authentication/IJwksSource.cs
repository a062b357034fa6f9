namespace Quayside.ServiceDefaults.Authentication;

/// <summary>Where the JSON Web Key Set comes from: every service asks auth-service, which asks itself.</summary>
public interface IJwksSource
{
    Task<string> ReadAsync(CancellationToken cancellation);
}

internal sealed class SidecarJwks(IHttpClientFactory clients) : IJwksSource
{
    public const string Client = "auth-service";

    public Task<string> ReadAsync(CancellationToken cancellation) =>
        clients.CreateClient(Client).GetStringAsync(new Uri("http://auth-service/.well-known/jwks.json"), cancellation);
}
