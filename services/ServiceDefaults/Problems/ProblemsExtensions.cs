using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quayside.ServiceDefaults.Problems;

internal static class ProblemsExtensions
{
    private static readonly JavaScriptEncoder Inert = JavaScriptEncoder.Create(UnicodeRanges.All);

    public static WebApplicationBuilder AddProblems(this WebApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails();
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.Configure<JsonOptions>(o =>
        {
            // Strict at the edge. A type that must tolerate newer senders (an event) says so itself with [JsonUnmappedMemberHandling(Skip)].
            o.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            o.SerializerOptions.AllowDuplicateProperties = false;
            o.SerializerOptions.RespectNullableAnnotations = true;
            o.SerializerOptions.RespectRequiredConstructorParameters = true;
            // The framework's own default for answers leaves < and & as they are; what a stranger has written must be inert wherever it is pasted.
            o.SerializerOptions.Encoder = Inert;
            o.SerializerOptions.TypeInfoResolver = (o.SerializerOptions.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(AbsentIsNull);
        });
        return builder;
    }

    /// <summary>A parameter that may be null may be left out.</summary>
    private static void AbsentIsNull(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            var nullable = property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsSetNullable;
            if (nullable) property.IsRequired = false;
        }
    }
}
