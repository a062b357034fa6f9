using System.Globalization;
using System.Text.Json;

namespace LocalDapr.Runtime.Expressions;

public enum ValueKind { Null, Bool, Int, Double, String, List, Map }

/// <summary>A value of an expression. JSON is looked at in place, so its document must live as long as the value. Numbers of JSON are doubles.</summary>
public readonly struct Value : IEquatable<Value>
{
    private readonly long bits;
    private readonly object? reference;

    private Value(ValueKind kind, long bits, object? reference = null) => (Kind, this.bits, this.reference) = (kind, bits, reference);

    public ValueKind Kind { get; }

    internal bool AsBool => bits != 0;

    internal long AsInt => bits;

    internal double AsDouble => Kind == ValueKind.Int ? bits : BitConverter.Int64BitsToDouble(bits);

    internal string AsString => (string)reference!;

    internal bool IsNumber => Kind is ValueKind.Int or ValueKind.Double;

    internal string TypeName => Kind switch
    {
        ValueKind.Null => "null",
        var kind => "a " + kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Members of a list or map, characters (code points) of a string.</summary>
    internal long Size => reference switch
    {
        string text => text.EnumerateRunes().Count(),
        Value[] list => list.Length,
        Dictionary<Value, Value> map => map.Count,
        JsonElement { ValueKind: JsonValueKind.Array } list => list.GetArrayLength(),
        JsonElement map => map.GetPropertyCount(),
        _ => throw new ExpressionException($"{TypeName} has no size"),
    };

    public static Value Of(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    public static Value Of(long value) => new(ValueKind.Int, value);

    public static Value Of(double value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static Value Of(string value) => new(ValueKind.String, 0, value);

    public static Value Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Number => Of(json.GetDouble()),
        JsonValueKind.String => Of(json.GetString()!),
        JsonValueKind.Array => new(ValueKind.List, 0, json),
        JsonValueKind.Object => new(ValueKind.Map, 0, json),
        _ => default,
    };

    internal static Value Of(Value[] list) => new(ValueKind.List, 0, list);

    internal static Value Of(Dictionary<Value, Value> map) => new(ValueKind.Map, 0, map);

    /// <summary>What the macros go through: members of a list, keys of a map.</summary>
    internal IEnumerable<Value> Members() => reference switch
    {
        Value[] list => list,
        Dictionary<Value, Value> map => map.Keys,
        JsonElement { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(Of),
        JsonElement map => map.EnumerateObject().Select(p => Of(p.Name)),
        _ => throw new ExpressionException($"{TypeName} has no members"),
    };

    /// <summary>False when a map lacks the key; anything but a map throws.</summary>
    internal bool TryGet(Value key, out Value value)
    {
        value = default;
        switch (reference)
        {
            case Dictionary<Value, Value> map:
                return map.TryGetValue(key, out value);
            case JsonElement { ValueKind: JsonValueKind.Object } json:
                if (key.Kind != ValueKind.String || !json.TryGetProperty(key.AsString, out var property))
                    return false;
                value = Of(property);
                return true;
            default:
                throw new ExpressionException($"{TypeName} has no field {key}");
        }
    }

    internal Value At(Value index)
    {
        if (Kind != ValueKind.List)
            return TryGet(index, out var value) ? value : throw new ExpressionException($"no such key: {index}");
        if (!index.IsNumber || index.AsDouble != Math.Floor(index.AsDouble))
            throw new ExpressionException($"{index.TypeName} is no index of a list");
        if (index.AsDouble < 0 || index.AsDouble >= Size)
            throw new ExpressionException($"index out of bounds: {index}");
        var at = (int)index.AsDouble;
        return reference is Value[] list ? list[at] : Of(((JsonElement)reference!)[at]);
    }

    public bool Equals(Value other)
    {
        if (IsNumber && other.IsNumber)
            return Kind == ValueKind.Int && other.Kind == ValueKind.Int ? bits == other.bits : AsDouble == other.AsDouble;
        if (Kind != other.Kind)
            return false;
        switch (Kind)
        {
            case ValueKind.String:
                return AsString == other.AsString;
            case ValueKind.List:
                return Size == other.Size && Members().SequenceEqual(other.Members());
            case ValueKind.Map:
                if (Size != other.Size)
                    return false;
                foreach (var key in Members())
                {
                    if (!other.TryGet(key, out var value) || !At(key).Equals(value))
                        return false;
                }
                return true;
            default:
                return bits == other.bits;
        }
    }

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    public override int GetHashCode() => Kind switch
    {
        ValueKind.String => AsString.GetHashCode(StringComparison.Ordinal),
        ValueKind.Int or ValueKind.Double => AsDouble.GetHashCode(),
        _ => HashCode.Combine(Kind, bits),
    };

    public static bool operator ==(Value left, Value right) => left.Equals(right);

    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    public override string ToString() => Kind switch
    {
        ValueKind.Null => "null",
        ValueKind.Bool => AsBool ? "true" : "false",
        ValueKind.Int => AsInt.ToString(CultureInfo.InvariantCulture),
        ValueKind.Double => AsDouble.ToString("R", CultureInfo.InvariantCulture),
        ValueKind.String => AsString,
        _ => TypeName,
    };
}
