using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Dapr;

/// <summary>Replaces the body of a CloudEvent request by its data (Dapr .NET SDK 1.18), so that endpoints bind what was published.</summary>
internal sealed class CloudEventsMiddleware(RequestDelegate next, CloudEventsMiddlewareOptions options)
{
    private const string EventType = "application/cloudevents+json";

    private static readonly string[] NeverHeaders = ["data", "data_base64", "datacontenttype", "pubsubname", "traceparent"];

    public Task InvokeAsync(HttpContext context) =>
        context.Request.ContentType?.StartsWith(EventType, StringComparison.Ordinal) == true ? UnwrapAsync(context) : next(context);

    private async Task UnwrapAsync(HttpContext context)
    {
        var request = context.Request;
        using var document = await JsonDocument.ParseAsync(request.Body, cancellationToken: context.RequestAborted);
        var envelope = document.RootElement;
        var (data, base64) = (Find(envelope, "data"), Find(envelope, "data_base64"));
        if (data is not null && base64 is not null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var contentType = data is null && base64 is null ? null : DataType(Find(envelope, "datacontenttype"));
        var body = base64 is { } encoded ? encoded.GetBytesFromBase64() : data is { } element ? Body(element, contentType!) : [];
        if (options.ForwardCloudEventPropertiesAsHeaders)
            ForwardAsHeaders(envelope, request.Headers);

        var original = (request.Body, request.ContentType, request.ContentLength);
        try
        {
            request.Body = new MemoryStream(body, writable: false);
            request.ContentType = contentType;
            request.ContentLength = body.Length;
            await next(context);
        }
        finally
        {
            (request.Body, request.ContentType, request.ContentLength) = original;
        }
    }

    private byte[] Body(JsonElement data, string contentType) =>
        data.ValueKind == JsonValueKind.String && !IsJson(contentType) && !options.SuppressJsonDecodingOfTextPayloads
            ? Encoding.UTF8.GetBytes(data.GetString()!)
            : JsonSerializer.SerializeToUtf8Bytes(data);

    private static string DataType(JsonElement? declared)
    {
        if (declared is not { ValueKind: JsonValueKind.String } text || !MediaTypeHeaderValue.TryParse(text.GetString(), out var type))
            return "application/json";
        // What is handed on is UTF-8, whatever the publisher used.
        type.Charset = default;
        return type.ToString();
    }

    private static bool IsJson(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    private static JsonElement? Find(JsonElement envelope, string name)
    {
        if (envelope.ValueKind == JsonValueKind.Object)
            foreach (var property in envelope.EnumerateObject())
                if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return property.Value;
        return null;
    }

    private void ForwardAsHeaders(JsonElement envelope, IHeaderDictionary headers)
    {
        foreach (var property in envelope.EnumerateObject())
            if (!Contains(NeverHeaders, property.Name) && IsWanted(property.Name))
                headers["Cloudevent." + property.Name.ToLowerInvariant()] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : property.Value.GetRawText();
    }

    private bool IsWanted(string name) => options.IncludedCloudEventPropertiesAsHeaders is { } included
        ? Contains(included, name)
        : options.ExcludedCloudEventPropertiesFromHeaders is not { } excluded || !Contains(excluded, name);

    private static bool Contains(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
