using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Quayside.Identity.Credentials;

/// <summary>
/// Hashes and verifies with the framework's PasswordHasher. An unknown account costs the same work as a known one, and a flood of
/// logins never takes more than its share of the processor.
/// </summary>
public sealed class PasswordCheck : IDisposable
{
    private readonly PasswordHasher<object> hasher = new(Options.Create(new PasswordHasherOptions()));
    private readonly SemaphoreSlim share = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly object nobody = new();
    private readonly Lazy<string> decoy;

    public PasswordCheck() => decoy = new(() => Hash(Guid.NewGuid().ToString()));

    public string Hash(string password) => hasher.HashPassword(nobody, password);

    /// <returns>Null if so many passwords wait that it was not this one's turn in time.</returns>
    public async Task<string?> TryHashAsync(string password, TimeSpan patience, CancellationToken cancellation)
    {
        if (!await share.WaitAsync(patience, cancellation)) return null;
        try
        {
            return Hash(password);
        }
        finally
        {
            share.Release();
        }
    }

    /// <param name="hash">Null for an unknown account: the answer is false, after the same work.</param>
    public async Task<bool> IsRightAsync(string? hash, string password, CancellationToken cancellation)
    {
        await share.WaitAsync(cancellation);
        try
        {
            var verdict = hasher.VerifyHashedPassword(nobody, hash ?? decoy.Value, password);
            return hash is not null && verdict != PasswordVerificationResult.Failed;
        }
        finally
        {
            share.Release();
        }
    }

    /// <summary>Makes the decoy, so that the first unknown account does not wait for it.</summary>
    public void WarmUp() => _ = decoy.Value;

    public void Dispose() => share.Dispose();
}
