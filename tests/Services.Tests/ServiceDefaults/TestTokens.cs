using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Services.Tests.ServiceDefaults;

/// <summary>An issuer of tokens, good and bad.</summary>
internal sealed class TestTokens : IJwksSource, IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    public string Kid { get; set; } = "key-1";

    public int Reads { get; private set; }

    public bool IsDown { get; set; }

    public string Jwks
    {
        get
        {
            var point = key.ExportParameters(false).Q;
            return $$"""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"{{Kid}}","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}]}""";
        }
    }

    /// <summary>May hold up a reader of the keys.</summary>
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    public async Task<string> ReadAsync(CancellationToken cancellation)
    {
        Reads++;
        await BeforeRead();
        return IsDown ? throw new HttpRequestException("down") : Jwks;
    }

    public string Mint(
        string user = "user-1",
        string? role = null,
        string issuer = AccessTokens.Issuer,
        string audience = AccessTokens.Audience,
        TimeSpan? age = null,
        string? kid = null,
        DateTimeOffset? now = null)
    {
        var issued = (now ?? DateTimeOffset.UtcNow) - (age ?? TimeSpan.Zero);
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            IssuedAt = issued.UtcDateTime,
            NotBefore = issued.UtcDateTime,
            Expires = issued.AddMinutes(5).UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = user, ["name"] = "Somebody", ["role"] = role ?? "user" },
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = kid ?? Kid }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Header {"alg":"none"} and no signature.</summary>
    public string Unsigned() => $"{Part($$"""{"alg":"none","typ":"JWT","kid":"{{Kid}}"}""")}.{Payload()}.";

    /// <summary>HMAC with the public key as its secret, the classic confusion of algorithms.</summary>
    public string SignedWithPublicKey()
    {
        var text = $"{Part($$"""{"alg":"HS256","typ":"JWT","kid":"{{Kid}}"}""")}.{Payload()}";
        var mac = HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(text));
        return $"{text}.{Base64UrlEncoder.Encode(mac)}";
    }

    /// <summary>Good in itself, and it says where the key for it is to be had.</summary>
    public string WithOwnKeyInHeader()
    {
        var point = key.ExportParameters(false).Q;
        var jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}""";
        var text = $"{Part($$"""{"alg":"ES256","typ":"JWT","kid":"{{Kid}}","jku":"https://elsewhere.test/jwks.json","jwk":{{jwk}}}""")}.{Payload()}";
        return $"{text}.{Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    /// <summary>A good token whose claims were changed afterwards.</summary>
    public string Tampered()
    {
        var parts = Mint().Split('.');
        var claims = JsonSerializer.Deserialize<Dictionary<string, object>>(Base64UrlEncoder.Decode(parts[1]))!;
        claims["role"] = "admin";
        return $"{parts[0]}.{Part(JsonSerializer.Serialize(claims))}.{parts[2]}";
    }

    public void Dispose() => key.Dispose();

    private string Payload()
    {
        var payload = Mint(role: "admin").Split('.')[1];
        return payload;
    }

    private static string Part(string json) => Base64UrlEncoder.Encode(json);
}
