using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.State;

/// <summary>The state API over HTTP (contract section 4).</summary>
internal sealed class StateHttp(Func<string, StateComponent> find)
{
    private const string Group = "state";
    private const string Expiry = "ttlExpireTime";

    public void Map(ApiRoutes http)
    {
        http.Map(Group, "GET", "state/{store}/{key}", GetAsync);
        http.Map(Group, "DELETE", "state/{store}/{key}", DeleteAsync);
        http.Map(Group, "POST,PUT", "state/{store}", SaveAsync);
        http.Map(Group, "POST,PUT", "state/{store}/bulk", GetManyAsync);
        http.Map(Group, "POST,PUT", "state/{store}/transaction", TransactAsync);
        http.Map(Group, "POST,PUT", "state/{store}/query", (_, route) => throw StateErrors.NoQueries(find(route["store"]).Name), "v1.0-alpha1");
    }

    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private async Task GetAsync(HttpContext call, RouteValues route)
    {
        var value = await find(route["store"]).GetAsync(route["key"], call.RequestAborted);
        if (value is null)
        {
            call.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        call.Response.Headers.ETag = value.ETag;
        if (value.Expires is { } expires)
            call.Response.Headers["metadata." + Expiry] = Rfc3339(expires);
        await call.WriteJsonAsync(value.Data);
    }

    private async Task DeleteAsync(HttpContext call, RouteValues route)
    {
        var store = find(route["store"]);
        var first = StateItem.IsFirstWrite(call.Request.Query["concurrency"]);
        var write = store.Write(route["key"], null, isJson: false, call.Request.Headers.IfMatch, first, null);
        await store.WriteAsync([write], StateErrors.Delete, call.RequestAborted);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task SaveAsync(HttpContext call, RouteValues route)
    {
        var store = find(route["store"]);
        using var body = await ReadAsync(call);
        if (body.RootElement.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
            throw StateItem.Malformed("the body is not a list of items");
        var writes = new List<StateWrite>();
        var metadata = call.QueryMetadata();
        if (body.RootElement.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in body.RootElement.EnumerateArray())
                writes.Add(StateItem.Read(item, metadata, needsKey: true).ToWrite(store));
        }
        await store.WriteAsync(writes, StateErrors.Save, call.RequestAborted);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task TransactAsync(HttpContext call, RouteValues route)
    {
        var store = find(route["store"]);
        using var body = await ReadAsync(call);
        var metadata = call.QueryMetadata();
        var operations = new List<StateOperation>();
        foreach (var operation in Member(body.RootElement, "operations", JsonValueKind.Array)?.EnumerateArray() ?? default)
        {
            var type = Member(operation, "operation", JsonValueKind.String)?.GetString() ?? "";
            var item = Member(operation, "request", JsonValueKind.Object) is { } request
                ? StateItem.Read(request, metadata, needsKey: false)
                : throw StateItem.Malformed("an operation has no \"request\"");
            operations.Add(item.ToOperation(store, type));
        }
        await store.TransactAsync(operations, TraceContext.Of(call), call.RequestAborted);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task GetManyAsync(HttpContext call, RouteValues route)
    {
        var store = find(route["store"]);
        using var body = await ReadAsync(call);
        var answer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(answer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartArray();
            foreach (var key in Member(body.RootElement, "keys", JsonValueKind.Array)?.EnumerateArray() ?? default)
            {
                if (key.ValueKind != JsonValueKind.String)
                    throw StateItem.Malformed("a key is not a string");
                await WriteItemAsync(json, store, key.GetString()!, call.RequestAborted);
            }
            json.WriteEndArray();
        }
        await call.WriteJsonAsync(answer.WrittenMemory);
    }

    private static async Task WriteItemAsync(Utf8JsonWriter json, StateComponent store, string key, CancellationToken cancellation)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        try
        {
            if (await store.GetAsync(key, cancellation) is { } value)
            {
                if (IsJson(value.Data))
                {
                    json.WritePropertyName("data");
                    json.WriteRawValue(value.Data, skipInputValidation: true);
                }
                else
                {
                    json.WriteString("error", "the value is not JSON: read it alone, or over gRPC");
                }
                json.WriteString("etag", value.ETag);
                if (value.Expires is { } expires)
                {
                    json.WriteStartObject("metadata");
                    json.WriteString(Expiry, Rfc3339(expires));
                    json.WriteEndObject();
                }
            }
        }
        catch (ApiException failure) when (failure.HttpStatus == StatusCodes.Status500InternalServerError)
        {
            json.WriteString("error", failure.Message);
        }
        json.WriteEndObject();
    }

    private static bool IsJson(byte[] data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            while (reader.Read())
            {
            }
            return data.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpContext call)
    {
        try
        {
            return ClientJson.Parse(await call.ReadBodyAsync());
        }
        catch (JsonException failure)
        {
            throw StateItem.Malformed(failure.Message);
        }
    }

    private static JsonElement? Member(JsonElement json, string name, JsonValueKind kind)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw StateItem.Malformed("the body is not an object");
        if (!GoJson.TryFind(json, name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == kind ? value : throw StateItem.Malformed($"\"{name}\" is not a {kind}");
    }
}
