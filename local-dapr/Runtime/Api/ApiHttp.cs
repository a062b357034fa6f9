using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Api;

/// <summary>What every HTTP handler of the Dapr API needs of a request and an answer.</summary>
public static class ApiHttp
{
    private const string MetadataPrefix = "metadata.";

    /// <summary>Path as it came over the wire, still escaped, without the query.</summary>
    public static string RawPath(this HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    /// <summary>The <c>metadata.NAME=value</c> members of the query.</summary>
    public static Dictionary<string, string> QueryMetadata(this HttpContext http)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in http.Request.Query)
        {
            if (name.StartsWith(MetadataPrefix, StringComparison.Ordinal))
                metadata[name[MetadataPrefix.Length..]] = value.ToString();
        }
        return metadata;
    }

    /// <summary>
    /// The whole body. A body over the limit throws <see cref="BadHttpRequestException"/> with status 413, after reading on for a while: a client
    /// that still sends would see a reset connection instead of the answer.
    /// </summary>
    public static async Task<byte[]> ReadBodyAsync(this HttpContext http)
    {
        var limit = TakeLimit(http);
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > limit)
            {
                await SkipAsync(http, reader, read.Buffer.End, limit);
                throw new BadHttpRequestException("the request body is too large", StatusCodes.Status413PayloadTooLarge);
            }
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static long TakeLimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false, MaxRequestBodySize: { } limit } size)
            return long.MaxValue;
        size.MaxRequestBodySize = null;
        return limit;
    }

    private static async Task SkipAsync(HttpContext http, PipeReader reader, SequencePosition seen, long atMost)
    {
        reader.AdvanceTo(seen);
        for (long skipped = 0; skipped < atMost;)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            skipped += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    /// <summary>The body as JSON; anything else is 400 ERR_MALFORMED_REQUEST, naming what is wrong.</summary>
    public static async Task<JsonNode?> ReadJsonAsync(this HttpContext http)
    {
        try
        {
            return JsonNode.Parse(await http.ReadBodyAsync());
        }
        catch (JsonException failure)
        {
            throw ApiException.Malformed($"failed deserializing HTTP body: {failure.Message}");
        }
    }

    public static Task WriteJsonAsync(this HttpContext http, JsonNode? body, int status = StatusCodes.Status200OK) =>
        http.WriteJsonAsync(JsonSerializer.SerializeToUtf8Bytes(body), status);

    public static async Task WriteJsonAsync(this HttpContext http, ReadOnlyMemory<byte> json, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }

    public static Task WriteErrorAsync(this HttpContext http, ApiException error)
    {
        // What is left of a body over the limit makes the connection useless: the client must not send its next request on it.
        if (error.HttpStatus == StatusCodes.Status413PayloadTooLarge)
            http.Response.Headers.Connection = "close";
        var body = new JsonObject { ["errorCode"] = error.ErrorCode, ["message"] = error.Message };
        if (error.Details is { } details)
            body["details"] = new JsonArray([.. details.Select(d => d.DeepClone())]);
        return http.WriteJsonAsync(body, error.HttpStatus);
    }

    /// <summary>Any other failure: 500 with errorCode ERROR.</summary>
    public static ApiException Unexpected(Exception failure) => failure as ApiException ?? new(500, StatusCode.Internal, "ERROR", failure.Message);
}
