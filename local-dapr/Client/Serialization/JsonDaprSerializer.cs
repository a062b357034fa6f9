using System.Text.Json;

namespace Dapr.Common.Serialization;

/// <summary>JSON for the web (camelCase), fields included.</summary>
public sealed class JsonDaprSerializer : IDaprSerializer
{
    private static readonly JsonSerializerOptions Default = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    private readonly JsonSerializerOptions options;

    public JsonDaprSerializer() : this(Default)
    {
    }

    public JsonDaprSerializer(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
    }

    public string Serialize<T>(T value) => value is null ? string.Empty : JsonSerializer.Serialize(value, options);

    public string Serialize(object? value, Type? inputType = null) =>
        value is null ? string.Empty : JsonSerializer.Serialize(value, inputType ?? value.GetType(), options);

    public T? Deserialize<T>(string? data) => string.IsNullOrEmpty(data) ? default : JsonSerializer.Deserialize<T>(data, options);

    public object? Deserialize(string? data, Type returnType) => string.IsNullOrEmpty(data) ? null : JsonSerializer.Deserialize(data, returnType, options);
}
