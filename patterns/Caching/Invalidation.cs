using System.Text.Json;

namespace Quayside.Caching;

/// <summary>What goes over the broadcast: of a key or of a tag, never of both.</summary>
/// <param name="Version">0 for none.</param>
/// <param name="At">UTC ticks of the sender's clock.</param>
/// <param name="Id">Tells those without a version apart; null for others.</param>
public sealed record Invalidation(string? Key, string? Tag, long Version, long At, string? Id)
{
    private const int MaxId = 64;

    internal Stamp Stamp => new(Version, At, Id);

    /// <summary>Only the newest of those with the same subject counts.</summary>
    internal (bool IsTag, string Name) Subject => Key is null ? (true, Tag!) : (false, Key);

    /// <returns>Null for what is not one: it is dropped, a repetition would not make it better.</returns>
    internal static Invalidation? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            var told = JsonSerializer.Deserialize<Invalidation>(json.Span, JsonSerializerOptions.Web);
            return told is { At: > 0, Version: > 0, Id: null } or { At: > 0, Version: 0, Id.Length: > 0 and <= MaxId }
                && told.Key is null != told.Tag is null
                && CacheKey.IsValid(told.Key ?? told.Tag!) ? told : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Tells every replica. A failure throws and is told again later.</summary>
public delegate Task PublishInvalidation(Invalidation invalidation, CancellationToken cancellationToken);
