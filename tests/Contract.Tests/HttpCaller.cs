using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalDapr.Contract.Tests;

/// <summary>One HTTP request of a conversation, over a connection of its own, sent as it is written.</summary>
internal static partial class HttpCaller
{
    private static readonly HashSet<string> WireHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "date", "content-length", "connection", "transfer-encoding", "keep-alive", "server", "accept-encoding", "user-agent", "host",
    };

    /// <returns>{status, headers, body, ms?}; the status of a request without an answer says why.</returns>
    public static async Task<JsonObject> CallAsync(JsonObject step, int port, Names names)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null,
        };
        using var client = new HttpMessageInvoker(handler);
        using var request = Request(step, port, names);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds((double?)step["timeout"] ?? 20));
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var response = await client.SendAsync(request, limit.Token);
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            var answer = Show(step, response, body);
            if (step["timing"].IsNumber())
                answer["ms"] = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds / (long)step["timing"]! * (long)step["timing"]!;
            return answer;
        }
        catch (OperationCanceledException)
        {
            return new JsonObject { ["status"] = "connection error TimeoutError" };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new JsonObject { ["status"] = "connection error ConnectionError" };
        }
    }

    private static HttpRequestMessage Request(JsonObject step, int port, Names names)
    {
        var uri = new Uri($"http://127.0.0.1:{port}{names.Expand((string)step["path"]!)}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(HttpMethod.Parse((string?)step["method"] ?? "GET"), uri);
        var headers = names.Expand(step["headers"]).Members().ToDictionary(header => header.Key, header => (string)header.Value!);
        var body = names.Expand(step["body"]);
        if (body is JsonObject or JsonArray)
            headers.TryAdd("content-type", "application/json");
        var bytes = (step, body) switch
        {
            _ when (string?)step["base64"] is { } base64 => Convert.FromBase64String(base64),
            _ when step["size"].IsNumber() => Encoding.ASCII.GetBytes(new string('x', (int)step["size"]!)),
            (_, null) => null,
            _ => Encoding.UTF8.GetBytes(body.IsText(out var text) ? text : Json.Text(body, inOrder: false)),
        };
        if ((bool?)step["chunked"] == true)
        {
            request.Content = new StreamContent(new MemoryStream(bytes ?? []));
            request.Headers.TransferEncodingChunked = true;
        }
        else if (bytes is not null || request.Method == HttpMethod.Post || request.Method == HttpMethod.Put || request.Method == HttpMethod.Patch)
        {
            request.Content = new ByteArrayContent(bytes ?? []);
        }
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    private static JsonObject Show(JsonObject step, HttpResponseMessage response, byte[] body)
    {
        var headers = new JsonObject();
        foreach (var (name, values) in ((HttpHeadersNonValidated[])[response.Headers.NonValidated, response.Content.Headers.NonValidated]).SelectMany(all => all))
        {
            var key = name.ToLowerInvariant();
            if (!WireHeaders.Contains(key) && (step["keep"] is not JsonArray keep || keep.Any(kept => (string?)kept == key)))
                headers[key] = string.Join(", ", values);
        }
        var type = response.Content.Headers.NonValidated.TryGetValues("content-type", out var types) ? types.ToString() : null;
        return new JsonObject
        {
            ["status"] = (int)response.StatusCode,
            ["headers"] = headers,
            ["body"] = (string?)step["lines"] is { } pattern ? Lines(Encoding.UTF8.GetString(body), pattern) : Bytes.OfBody(body, type),
        };
    }

    /// <summary>Of metrics and the like only the lines that match, without their values.</summary>
    private static JsonArray Lines(string text, string pattern) => new([.. text.Split('\n')
        .Where(line => Regex.IsMatch(line, pattern)).Select(line => Value().Replace(line.TrimEnd('\r'), "")).Distinct().Order(StringComparer.Ordinal).Select(line => (JsonNode)line)]);

    [GeneratedRegex(@"(?<=})\s+\S+$|(?<=\w)\s+[-+0-9.e]+$")]
    private static partial Regex Value();
}
