using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapr;
using Dapr.Client;

namespace Quayside.Saga.Participants;

/// <summary>
/// Records in a Dapr state store, by what every store keeps: one key, bytes as sent, create by first-write, every later write
/// with its etag, no transaction.
/// </summary>
/// <param name="dapr">The sidecar.</param>
/// <param name="storeName">Name of the state store component.</param>
/// <param name="prefix">Put before the order id, so that records share a store with other documents.</param>
/// <param name="keepFor">Life of a record since its last write; longer than any saga can run.</param>
public sealed class RecordStore<TEffect>(DaprClient dapr, string storeName, string prefix, TimeSpan keepFor)
    where TEffect : class
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    // A write without a time to live would remove the expiry, so every write carries it.
    private readonly Dictionary<string, string> metadata = new()
    {
        ["ttlInSeconds"] = ((long)keepFor.TotalSeconds).ToString(CultureInfo.InvariantCulture),
    };

    public async Task<(ParticipantRecord<TEffect> Record, string ETag)> LoadAsync(string id, CancellationToken cancellationToken)
    {
        var (bytes, etag) = await dapr.GetByteStateAndETagAsync(storeName, prefix + id, cancellationToken: cancellationToken);
        return bytes.IsEmpty
            ? (ParticipantRecord.None<TEffect>(), "")
            : (JsonSerializer.Deserialize<ParticipantRecord<TEffect>>(bytes.Span, Json)!, etag);
    }

    /// <summary>False when there is a record already.</summary>
    public async Task<bool> TryCreateAsync(string id, ParticipantRecord<TEffect> record, CancellationToken cancellationToken)
    {
        try
        {
            return await TrySaveAsync(id, record, etag: "", cancellationToken);
        }
        catch (DaprException)
        {
            // Some stores report the lost race as a plain failure; the record itself tells the difference.
            var (existing, _) = await LoadAsync(id, cancellationToken);
            if (existing.Stage == Stage.None) throw;
            return false;
        }
    }

    /// <summary>False when somebody else wrote since the record was loaded.</summary>
    public Task<bool> TrySaveAsync(string id, ParticipantRecord<TEffect> record, string etag, CancellationToken cancellationToken) =>
        dapr.TrySaveByteStateAsync(
            storeName, prefix + id, JsonSerializer.SerializeToUtf8Bytes(record, Json), etag, FirstWrite, metadata, cancellationToken);
}
