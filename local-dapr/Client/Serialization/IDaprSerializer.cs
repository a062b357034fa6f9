namespace Dapr.Common.Serialization;

/// <summary>How values become text and back; null and "" stand for each other.</summary>
public interface IDaprSerializer
{
    string Serialize<T>(T value);

    string Serialize(object? value, Type? inputType = null);

    T? Deserialize<T>(string? data);

    object? Deserialize(string? data, Type returnType);
}
