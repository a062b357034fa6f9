using System.Buffers;

namespace Quayside.Caching;

/// <summary>Keys and tags: 1 to 256 visible ASCII characters but '|', which Dapr keeps for itself. What has another form is not cached. Entries and tags have prefixes of
/// their own in the second level, so no key, whoever chose it, can meet a tag.</summary>
internal static class CacheKey
{
    private const int MaxLength = 256;
    private static readonly SearchValues<char> Allowed = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c != '|')]);

    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed);

    public static string OfEntry(string key) => $"entry:{key}";

    public static string OfTag(string tag) => $"tag:{tag}";
}
