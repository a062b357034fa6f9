using System.Globalization;
using System.Text.Json;
using LocalDapr.Runtime.Expressions;

namespace LocalDapr.Runtime.PubSub;

/// <summary>A message on its way to the app: the event's bytes and the few members that the runtime itself looks at.</summary>
internal sealed class IncomingEvent
{
    private readonly BrokerMessage message;

    private IncomingEvent(BrokerMessage message, ReadOnlyMemory<byte> body) => (this.message, Body) = (message, body);

    /// <summary>As it was published; the dead-letter topic gets it so.</summary>
    public BrokerMessage Message => message;

    public IReadOnlyDictionary<string, string> Metadata => message.Metadata;

    /// <summary>What the app gets.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    public string? TraceParent { get; private set; }

    public bool IsRaw { get; private init; }

    /// <summary>A CloudEvent in binary mode: bytes as body, attributes as <c>ce_</c> metadata.</summary>
    public bool IsBinaryMode { get; private init; }

    private DateTimeOffset? Expiration { get; set; }

    /// <exception cref="JsonException">The message is no JSON object, and the subscription is not a raw one.</exception>
    public static IncomingEvent Read(BrokerMessage message, string pubsub, bool isRaw)
    {
        if (isRaw)
            return new IncomingEvent(message, CloudEventWriter.WrapRaw(message.Data.Span, pubsub, message.Topic)) { IsRaw = true };
        if (HasAttributes(message.Metadata))
            return new IncomingEvent(message, message.Data) { IsBinaryMode = true };
        var incoming = new IncomingEvent(message, message.Data);
        incoming.Scan();
        return incoming;
    }

    public bool IsExpired(DateTimeOffset now) => Expiration < now;

    /// <summary>The variable <c>event</c> of the rules. The document must be disposed of after the rules were tried.</summary>
    public Scope Scope(out IDisposable? document)
    {
        document = null;
        Value value;
        if (IsBinaryMode)
        {
            var attributes = Metadata.Where(m => m.Key.StartsWith("ce_", StringComparison.OrdinalIgnoreCase)).ToDictionary(m => Value.Of(m.Key[3..].ToLowerInvariant()), m => Value.Of(m.Value));
            value = Value.Of(attributes);
        }
        else
        {
            var json = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = 1000 });
            document = json;
            value = Value.Of(json.RootElement);
        }
        return Expressions.Scope.Empty.With("event", value);
    }

    private static bool HasAttributes(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var name in metadata.Keys)
        {
            if (name.StartsWith("ce_", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private void Scan()
    {
        var reader = new Utf8JsonReader(message.Data.Span, new JsonReaderOptions { MaxDepth = 1000 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("the message is no JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTrace = reader.ValueTextEquals("traceparent"u8);
            var isExpiration = !isTrace && reader.ValueTextEquals("expiration"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isTrace)
                TraceParent = reader.GetString();
            else if (reader.TokenType == JsonTokenType.String && isExpiration
                && DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration))
                Expiration = expiration;
            reader.Skip();
        }
        reader.Read();
    }
}
