using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Quayside.Identity.Credentials;

/// <summary>How a password was judged.</summary>
/// <param name="NewHash">Of a right password whose hash is weaker than today's.</param>
internal sealed record Verdict(bool IsRight, string? NewHash = null);

/// <summary>
/// Hashes and verifies with the framework's PasswordHasher. An unknown account costs the same work as a known one, and a flood of
/// logins never takes more than its share of the processor: half of the cores, and each waits for its turn for a bounded time only.
/// </summary>
public sealed class PasswordCheck : IDisposable
{
    private readonly PasswordHasher<object> hasher;
    private readonly SemaphoreSlim share = new(Math.Max(1, Environment.ProcessorCount / 2));
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

    /// <returns>Null if so many passwords wait that it was not this one's turn in time.</returns>
    public Task<string?> TryHashAsync(string password, TimeSpan patience, CancellationToken cancellation) => TakeTurnAsync(() => Hash(password), patience, cancellation);

    /// <param name="hash">Null for an unknown account: it is judged wrong, after the same work.</param>
    /// <returns>Null if so many passwords wait that it was not this one's turn in time.</returns>
    internal Task<Verdict?> TryVerifyAsync(string? hash, string password, CancellationToken cancellation) => TakeTurnAsync(
        () => hasher.VerifyHashedPassword(nobody, hash ?? decoy.Value, password) switch
        {
            _ when hash is null => new Verdict(false),
            PasswordVerificationResult.Success => new Verdict(true),
            PasswordVerificationResult.SuccessRehashNeeded => new Verdict(true, Hash(password)),
            _ => new Verdict(false),
        },
        options.Patience,
        cancellation);

    /// <summary>Makes the decoy, so that the first unknown account does not wait for it.</summary>
    public void WarmUp() => _ = decoy.Value;

    public void Dispose() => share.Dispose();

    private async Task<T?> TakeTurnAsync<T>(Func<T> work, TimeSpan patience, CancellationToken cancellation)
        where T : class
    {
        if (!await share.WaitAsync(patience, cancellation)) return null;
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
