using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Keys;

namespace Quayside.Identity.Tokens;

/// <summary>
/// A refresh token is family.generation.mac. The mac makes it unforgeable without a look into the store, and makes the same
/// successor again when a client has to ask twice; nothing in the store can be turned into a token.
/// </summary>
public sealed class RefreshTokens(KeyEncryption keys)
{
    private const int MaxLength = 128;

    public async ValueTask<string> WriteAsync(string family, int generation, CancellationToken cancellation) =>
        $"{family}.{generation.ToString(CultureInfo.InvariantCulture)}.{await MacAsync(family, generation, cancellation)}";

    /// <returns>Null if the token is none of ours.</returns>
    public async ValueTask<(string Family, int Generation)?> ReadAsync(string token, CancellationToken cancellation)
    {
        if (token.Length > MaxLength || token.Split('.') is not [{ Length: > 0 } family, var number, var mac]) return null;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var generation)) return null;
        var expected = await MacAsync(family, generation, cancellation);
        var equal = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(expected));
        return equal ? (family, generation) : null;
    }

    private async ValueTask<string> MacAsync(string family, int generation, CancellationToken cancellation)
    {
        var key = await keys.DeriveAsync("refresh tokens", cancellation);
        return Base64UrlEncoder.Encode(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{family}.{generation}")));
    }
}
