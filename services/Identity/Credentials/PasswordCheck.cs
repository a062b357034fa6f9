using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Identity.Credentials;

/// <summary>How a password was judged.</summary>
/// <param name="NewHash">Of a right password whose hash is weaker than today's.</param>
internal sealed record Verdict(bool IsRight, string? NewHash = null);

/// <summary>
/// Hashes and verifies with the framework's PasswordHasher. An unknown account costs the same work as a known one, and a flood of
/// logins never takes more than its share of the processor: half of the cores, and each waits for its turn for a bounded time only. Of one client only a few
/// wait at once, so that whoever else comes is next after them.
/// </summary>
public sealed class PasswordCheck : IDisposable
{
    private const int WaitingPerClient = 4;

    // The framework's format: a marker, the function, then the rounds.
    private const int RoundsAt = 5;
    private const int SaltBytes = 16;
    private const int SubkeyBytes = 32;
    private readonly PasswordHasher<object> hasher;
    private readonly SemaphoreSlim share = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Places waiting = new(WaitingPerClient);
    private readonly object nobody = new();
    private readonly Lazy<string> decoy;
    private readonly PasswordOptions options;

    public PasswordCheck(IOptions<PasswordOptions> options)
    {
        this.options = options.Value;
        hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = this.options.Iterations }));
        decoy = new(() => Hash(Guid.NewGuid().ToString()));
    }

    public string Hash(string password) => hasher.HashPassword(nobody, password);

    /// <param name="client">Who sent it.</param>
    /// <returns>Null if so many passwords wait, of this client or in all, that it was not this one's turn in time.</returns>
    public Task<string?> TryHashAsync(string password, string client, TimeSpan patience, CancellationToken cancellation) =>
        TakeTurnAsync(() => Hash(password), client, patience, cancellation);

    /// <param name="hash">Null for an unknown account: it is judged wrong, after the same work.</param>
    /// <param name="client">Who sent it.</param>
    /// <returns>Null if so many passwords wait, of this client or in all, that it was not this one's turn in time.</returns>
    internal Task<Verdict?> TryVerifyAsync(string? hash, string password, string client, CancellationToken cancellation) => TakeTurnAsync(
        () => hasher.VerifyHashedPassword(nobody, hash ?? decoy.Value, password) switch
        {
            _ when hash is null => new Verdict(false),
            PasswordVerificationResult.Success => new Verdict(true),
            PasswordVerificationResult.SuccessRehashNeeded => new Verdict(true, Hash(password)),
            _ => Wrong(hash),
        },
        client,
        options.Patience,
        cancellation);

    /// <summary>Makes the decoy, so that the first unknown account does not wait for it.</summary>
    public void WarmUp() => _ = decoy.Value;

    public void Dispose() => share.Dispose();

    /// <summary>An account whose hash has fewer rounds than today's would tell by its speed that there is one.</summary>
    private Verdict Wrong(string hash)
    {
        var missing = options.Iterations - (int)BinaryPrimitives.ReadUInt32BigEndian(Convert.FromBase64String(hash).AsSpan(RoundsAt));
        if (missing > 0) _ = Rfc2898DeriveBytes.Pbkdf2("", new byte[SaltBytes], missing, HashAlgorithmName.SHA512, SubkeyBytes);
        return new Verdict(false);
    }

    private async Task<T?> TakeTurnAsync<T>(Func<T> work, string client, TimeSpan patience, CancellationToken cancellation)
        where T : class
    {
        using var place = waiting.TryTake(client);
        if (place is null || !await share.WaitAsync(patience, cancellation)) return null;
        try
        {
            return work();
        }
        finally
        {
            share.Release();
        }
    }
}
