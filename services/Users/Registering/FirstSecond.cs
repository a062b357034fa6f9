using Microsoft.Extensions.Caching.Memory;

namespace Quayside.Users.Registering;

/// <summary>
/// In the second after its POST every registration is running, whatever has become of it: that an address is taken, or that a key was used
/// before, shows in no answer and in no time until one.
/// </summary>
public sealed class FirstSecond : IDisposable
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(1);
    private readonly MemoryCache begun = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public void Begin(string registrationId) =>
        begun.Set(registrationId, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Length });

    public bool Has(string registrationId) => begun.TryGetValue(registrationId, out _);

    public void Dispose() => begun.Dispose();
}
