using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Quayside.Caching;

/// <summary>A hash of the names and types of a type's fields as JSON has them, all the way down: two versions of a service that would read each other's bytes wrongly differ in it.</summary>
internal static class Shape<T>
{
    public static string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Describe(typeof(T), []))).AsSpan(0, 8));

    private static string Describe(Type type, List<Type> above)
    {
        var known = above.IndexOf(type);
        if (known >= 0)
            return $"^{known}";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Describe(inner, above) + "?";
        if (type.IsEnum)
            return $"{type.Name}({string.Join(',', Enum.GetNames(type).Zip(Enum.GetValuesAsUnderlyingType(type).Cast<object>()))})";
        var info = JsonSerializerOptions.Web.GetTypeInfo(type);
        List<Type> here = [.. above, type];
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => $"{type.Namespace}.{type.Name}{{{string.Join(',', info.Properties.Select(p => $"{p.Name}:{Describe(p.PropertyType, here)}"))}}}",
            JsonTypeInfoKind.Enumerable => $"[{Describe(info.ElementType!, here)}]",
            JsonTypeInfoKind.Dictionary => $"<{Describe(info.KeyType!, here)},{Describe(info.ElementType!, here)}>",
            _ => $"{type.Namespace}.{type.Name}",
        };
    }
}
