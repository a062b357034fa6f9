using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Posts events to an app that speaks HTTP and reads its answer (contract section 6, the table).</summary>
internal sealed class HttpEventReceiver(AppChannel app, string pubsub, TraceMode tracing) : IEventReceiver
{
    private static readonly MediaTypeHeaderValue CloudEvent = new(ContentTypes.CloudEvent);

    public async Task<EventAnswer> SendAsync(IncomingEvent incoming, string path, CancellationToken cancellation)
    {
        using var request = Request(app, path, incoming.Body, CloudEvent);
        AddHeaders(request, incoming, tracing);
        request.Headers.TryAddWithoutValidation("pubsubname", pubsub);
        using var response = await app.SendAsync(request, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return EventAnswer.Drop;
        if (!response.IsSuccessStatusCode)
            throw new CodedException((int)response.StatusCode, $"the app answered {(int)response.StatusCode} to the event on {path}");
        if (response.Content.Headers.ContentLength == 0)
            return EventAnswer.Success;
        return Status(await response.Content.ReadAsByteArrayAsync(cancellation)) switch
        {
            null or "" or "SUCCESS" => EventAnswer.Success,
            "DROP" => EventAnswer.Drop,
            var status => throw new InvalidOperationException($"the app answered {status} to the event on {path}"),
        };
    }

    public static HttpRequestMessage Request(AppChannel app, string path, ReadOnlyMemory<byte> body, MediaTypeHeaderValue contentType) => new(HttpMethod.Post, new Uri(app.BaseAddress, path.TrimStart('/')))
    {
        Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = contentType } },
        Version = app.HttpVersion,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static void AddHeaders(HttpRequestMessage request, IncomingEvent incoming, TraceMode tracing)
    {
        foreach (var (name, value) in incoming.Metadata)
        {
            if (!IsReserved(name) && !HeaderText.HasControls(value))
                request.Headers.TryAddWithoutValidation(name, value);
        }
        if (tracing.ForApp(incoming.TraceParent) is { } parent)
        {
            request.Headers.Remove("traceparent");
            request.Headers.TryAddWithoutValidation("traceparent", parent);
        }
    }

    /// <summary>Names that belong to the connection or the body, not to the event.</summary>
    private static bool IsReserved(string name) => name.Length == 0 || name.ToLowerInvariant() is
        "content-length" or "content-type" or "transfer-encoding" or "connection" or "host" or "upgrade" or "te" or "trailer" or "expect" or "keep-alive" or "pubsubname" or "dapr-api-token";

    /// <summary>The member <c>status</c> of a JSON object, its name in any case; null when there is none or it is no text.</summary>
    private static string? Status(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            string? status = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = Ascii.EqualsIgnoreCase(reader.ValueSpan, "status"u8);
                reader.Read();
                if (isStatus && reader.TokenType == JsonTokenType.String)
                    status = reader.GetString();
                reader.Skip();
            }
            return status;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
