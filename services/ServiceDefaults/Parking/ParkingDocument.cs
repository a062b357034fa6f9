using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quayside.ServiceDefaults.Parking;

/// <summary>Parked events and what was done with others, oldest first: the change and its audit entry are one write.</summary>
[JsonConverter(typeof(Converter))]
internal sealed record ParkingDocument(IReadOnlyList<ParkedEvent> Parked, IReadOnlyList<ParkingAction> Actions)
{
    private const int MostActions = 200;

    public static readonly ParkingDocument Empty = new([], []);

    public ParkedEvent? Find(string eventId) => Parked.FirstOrDefault(one => one.EventId == eventId);

    /// <summary>What this admin did under this key before.</summary>
    public ParkingAction? FindAction(string by, string key) => Actions.FirstOrDefault(one => one.By == by && one.Key == key);

    public ParkingDocument Remove(ParkingAction action) =>
        new([.. Parked.Where(one => one.EventId != action.EventId)], [.. Actions.Append(action).TakeLast(MostActions)]);

    /// <summary>A document of the time before actions were kept is a bare list of events.</summary>
    private sealed class Converter : JsonConverter<ParkingDocument>
    {
        private sealed record Fields(IReadOnlyList<ParkedEvent> Parked, IReadOnlyList<ParkingAction> Actions);

        public override ParkingDocument? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType is JsonTokenType.StartArray)
                return new(JsonSerializer.Deserialize<IReadOnlyList<ParkedEvent>>(ref reader, options)!, []);
            var fields = JsonSerializer.Deserialize<Fields>(ref reader, options);
            return fields is null ? null : new(fields.Parked, fields.Actions);
        }

        public override void Write(Utf8JsonWriter writer, ParkingDocument value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new Fields(value.Parked, value.Actions), options);
    }
}
