using System.Text.Json;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ProtoValue = Google.Protobuf.WellKnownTypes.Value;

namespace LocalDapr.Runtime.PubSub;

/// <summary>CloudEvents as gRPC apps and streams get them: the known attributes as fields, all others as extensions.</summary>
internal static class EventMessages
{
    public static TopicEventRequest Single(IncomingEvent incoming, Subscription subscription, string path)
    {
        var request = new TopicEventRequest { Topic = subscription.Topic, PubsubName = subscription.PubSub, Path = path };
        if (incoming.IsBinaryMode)
        {
            request.Data = ByteString.CopyFrom(incoming.Body.Span);
            return request;
        }
        using var document = JsonDocument.Parse(incoming.Body, new JsonDocumentOptions { MaxDepth = 1000 });
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id": request.Id = Text(member.Value); break;
                case "source": request.Source = Text(member.Value); break;
                case "type": request.Type = Text(member.Value); break;
                case "specversion": request.SpecVersion = Text(member.Value); break;
                case "datacontenttype": request.DataContentType = Text(member.Value); break;
                case "data" or "data_base64": break;
                default:
                    request.Extensions ??= new Struct();
                    request.Extensions.Fields[member.Name] = ToProto(member.Value);
                    break;
            }
        }
        request.Data = Data(document.RootElement, request.DataContentType);
        return request;
    }

    public static TopicEventBulkRequestEntry BulkEntry(string entryId, IncomingEvent incoming, Subscription subscription)
    {
        var entry = new TopicEventBulkRequestEntry { EntryId = entryId };
        entry.Metadata.Add(new Dictionary<string, string>(incoming.Metadata));
        if (incoming.IsRaw || incoming.IsBinaryMode)
        {
            entry.Bytes = ByteString.CopyFrom(incoming.Message.Data.Span);
            entry.ContentType = ContentTypes.Bytes;
            return entry;
        }
        var single = Single(incoming, subscription, "");
        entry.ContentType = ContentTypes.CloudEvent;
        entry.CloudEvent = new TopicEventCERequest
        {
            Id = single.Id,
            Source = single.Source,
            Type = single.Type,
            SpecVersion = single.SpecVersion,
            DataContentType = single.DataContentType,
            Data = single.Data,
            Extensions = single.Extensions,
        };
        return entry;
    }

    private static ByteString Data(JsonElement root, string contentType)
    {
        if (root.TryGetProperty("data_base64"u8, out var encoded) && encoded.ValueKind == JsonValueKind.String && encoded.TryGetBytesFromBase64(out var bytes))
            return ByteString.CopyFrom(bytes);
        if (!root.TryGetProperty("data"u8, out var data) || data.ValueKind == JsonValueKind.Null)
            return ByteString.Empty;
        if (data.ValueKind == JsonValueKind.String && !ContentTypes.IsJson(contentType) && !ContentTypes.IsCloudEvent(contentType))
            return ByteString.CopyFromUtf8(data.GetString());
        return ByteString.CopyFrom(CloudEventWriter.Compact(data));
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static ProtoValue ToProto(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => ProtoValue.ForString(value.GetString()),
        JsonValueKind.Number => ProtoValue.ForNumber(value.GetDouble()),
        JsonValueKind.True => ProtoValue.ForBool(true),
        JsonValueKind.False => ProtoValue.ForBool(false),
        JsonValueKind.Array => ProtoValue.ForList([.. value.EnumerateArray().Select(ToProto)]),
        JsonValueKind.Object => ProtoValue.ForStruct(ToStruct(value)),
        _ => ProtoValue.ForNull(),
    };

    private static Struct ToStruct(JsonElement json)
    {
        var result = new Struct();
        foreach (var member in json.EnumerateObject())
            result.Fields[member.Name] = ToProto(member.Value);
        return result;
    }
}
