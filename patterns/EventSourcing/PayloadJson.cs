using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Quayside.EventSourcing;

/// <summary>What all stored payloads have in common.</summary>
internal static class PayloadJson
{
    /// <summary>What is required is there and what is not nullable is not null, on writing too; what nobody knows is left alone.</summary>
    public static JsonSerializerOptions Options(IJsonTypeInfoResolver json, JsonSerializerOptions? options = null) =>
        new(options ?? new(JsonSerializerDefaults.Web))
        {
            TypeInfoResolver = json,
            NumberHandling = JsonNumberHandling.Strict,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        };
}
