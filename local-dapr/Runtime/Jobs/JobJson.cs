using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Jobs;

/// <summary>Jobs as JSON (contract section 14): data is an Any, given as any JSON value or as <c>{"@type", ...}</c> of a type that protobuf itself knows.</summary>
internal static class JobJson
{
    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(
        StringValue.Descriptor.File, Value.Descriptor.File, Timestamp.Descriptor.File, Duration.Descriptor.File, Empty.Descriptor.File, Any.Descriptor.File, FieldMask.Descriptor.File);

    private static readonly JsonFormatter Formatter = new(new JsonFormatter.Settings(formatDefaultValues: false, Types));
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithTypeRegistry(Types).WithIgnoreUnknownFields(true));

    public static (Job Job, bool Overwrite) Read(byte[] body)
    {
        try
        {
            using var document = ClientJson.Parse(body, allowDuplicates: false);
            if (document.RootElement.ValueKind != JsonValueKind.Object || JsonObject.Create(document.RootElement) is not { } json)
                throw ApiException.Malformed("failed deserializing HTTP body: a job is a JSON object");
            var job = new Job { Name = (string?)json["name"] ?? "" };
            if ((string?)json["schedule"] is { } schedule)
                job.Schedule = schedule;
            if ((string?)json["dueTime"] is { } dueTime)
                job.DueTime = dueTime;
            if ((string?)json["ttl"] is { } ttl)
                job.Ttl = ttl;
            if (json["repeats"] is { } repeats)
                job.Repeats = (uint)repeats;
            if (json["failurePolicy"] is { } policy)
                job.FailurePolicy = Parser.Parse<JobFailurePolicy>(policy.ToJsonString());
            if (json.TryGetPropertyValue("data", out var data))
                job.Data = ReadData(data);
            return (job, (bool?)json["overwrite"] ?? false);
        }
        catch (Exception failure) when (failure is JsonException or InvalidProtocolBufferException or InvalidJsonException or InvalidOperationException or FormatException)
        {
            throw ApiException.Malformed($"failed deserializing HTTP body: {failure.Message}");
        }
    }

    /// <exception cref="InvalidOperationException">The data has no type, or one that is not known.</exception>
    public static string Write(Job job) => Formatter.Format(job);

    /// <summary>What an HTTP app gets: plain JSON of what was given as such, typed values with their type, other bytes as they are.</summary>
    public static byte[] Body(Any? data)
    {
        if (data is null)
            return [];
        if (data.TypeUrl.Length == 0 || Types.Find(Any.GetTypeName(data.TypeUrl)) is null)
            return data.Value.ToByteArray();
        var text = data.Is(Value.Descriptor) ? Formatter.Format(data.Unpack<Value>()) : Formatter.Format(data);
        return System.Text.Encoding.UTF8.GetBytes(text);
    }

    private static Any ReadData(JsonNode? data) => data is JsonObject o && o.ContainsKey("@type")
        ? Parser.Parse<Any>(o.ToJsonString())
        : Any.Pack(Parser.Parse<Value>(data?.ToJsonString() ?? "null"));
}
