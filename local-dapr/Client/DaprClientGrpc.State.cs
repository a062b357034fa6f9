using System.Text;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using Wire = Dapr.Proto.Common.V1.StateOptions.Types;

namespace Dapr.Client;

internal sealed partial class DaprClientGrpc
{
    public override async Task<TValue> GetStateAsync<TValue>(string storeName, string key, ConsistencyMode? consistencyMode = default, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        FromJson<TValue>("State", (await GetAsync(storeName, key, consistencyMode, metadata, cancellationToken)).Data);

    public override async Task<ReadOnlyMemory<byte>> GetByteStateAsync(string storeName, string key, ConsistencyMode? consistencyMode = default, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        (await GetAsync(storeName, key, consistencyMode, metadata, cancellationToken)).Data.Memory;

    public override async Task<(TValue value, string etag)> GetStateAndETagAsync<TValue>(string storeName, string key, ConsistencyMode? consistencyMode = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        var answer = await GetAsync(storeName, key, consistencyMode, metadata, cancellationToken);
        return (FromJson<TValue>("State", answer.Data), answer.Etag);
    }

    public override async Task<(ReadOnlyMemory<byte>, string etag)> GetByteStateAndETagAsync(string storeName, string key, ConsistencyMode? consistencyMode = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        var answer = await GetAsync(storeName, key, consistencyMode, metadata, cancellationToken);
        return (answer.Data.Memory, answer.Etag);
    }

    public override async Task<IReadOnlyList<BulkStateItem>> GetBulkStateAsync(string storeName, IReadOnlyList<string> keys, int? parallelism, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        [.. (await GetBulkAsync(storeName, keys, parallelism, metadata, cancellationToken)).Items.Select(i => new BulkStateItem(i.Key, i.Data.ToStringUtf8(), i.Etag))];

    public override async Task<IReadOnlyList<BulkStateItem<TValue>>> GetBulkStateAsync<TValue>(string storeName, IReadOnlyList<string> keys, int? parallelism, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        [.. (await GetBulkAsync(storeName, keys, parallelism, metadata, cancellationToken)).Items.Select(i => new BulkStateItem<TValue>(i.Key, Deserialize<TValue>(i.Data), i.Etag))];

    public override Task SaveStateAsync<TValue>(string storeName, string key, TValue value, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        SaveAsync(storeName, Item(key, Value(value), null, stateOptions, metadata), cancellationToken);

    public override Task SaveByteStateAsync(string storeName, string key, ReadOnlyMemory<byte> binaryValue, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        SaveAsync(storeName, Item(key, ByteString.CopyFrom(binaryValue.Span), null, stateOptions, metadata), cancellationToken);

    public override Task<bool> TrySaveStateAsync<TValue>(string storeName, string key, TValue value, string etag, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(etag);
        return TryAsync(SaveAsync(storeName, Item(key, Value(value), etag, stateOptions, metadata), cancellationToken));
    }

    public override Task<bool> TrySaveByteStateAsync(string storeName, string key, ReadOnlyMemory<byte> binaryValue, string etag, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(etag);
        return TryAsync(SaveAsync(storeName, Item(key, ByteString.CopyFrom(binaryValue.Span), etag, stateOptions, metadata), cancellationToken));
    }

    public override Task SaveBulkStateAsync<TValue>(string storeName, IReadOnlyList<SaveStateItem<TValue>> items, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        NotEmpty(items, nameof(items));
        var request = new SaveStateRequest { StoreName = storeName };
        request.States.AddRange(items.Select(i => Item(i.Key, Value(i.Value), i.ETag, i.StateOptions, i.Metadata)));
        return CallAsync("State", DaprMethods.SaveState, request, cancellationToken);
    }

    public override Task DeleteBulkStateAsync(string storeName, IReadOnlyList<BulkDeleteStateItem> items, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        ArgumentNullException.ThrowIfNull(items);
        var request = new DeleteBulkStateRequest { StoreName = storeName };
        request.States.AddRange(items.Select(i => Item(i.Key, null, i.ETag, i.StateOptions, i.Metadata)));
        return CallAsync("State", DaprMethods.DeleteBulkState, request, cancellationToken);
    }

    public override Task DeleteStateAsync(string storeName, string key, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        DeleteAsync(storeName, key, null, stateOptions, metadata, cancellationToken);

    public override Task<bool> TryDeleteStateAsync(string storeName, string key, string etag, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(etag);
        return TryAsync(DeleteAsync(storeName, key, etag, stateOptions, metadata, cancellationToken));
    }

    public override Task ExecuteStateTransactionAsync(string storeName, IReadOnlyList<StateTransactionRequest> operations, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        NotEmpty(operations, nameof(operations));
        var request = new ExecuteStateTransactionRequest { StoreName = storeName };
        Add(request.Metadata, metadata);
        request.Operations.AddRange(operations.Select(o => new TransactionalStateOperation
        {
            OperationType = o.OperationType == StateOperationType.Delete ? "delete" : "upsert",
            Request = Item(o.Key, o.Value is null ? null : ByteString.CopyFrom(o.Value), o.ETag, o.Options, o.Metadata),
        }));
        return CallAsync("State", DaprMethods.ExecuteStateTransaction, request, cancellationToken);
    }

    private Task<GetStateResponse> GetAsync(string storeName, string key, ConsistencyMode? consistency, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var request = new GetStateRequest { StoreName = storeName, Key = key, Consistency = Consistency(consistency) };
        Add(request.Metadata, metadata);
        return CallAsync("State", DaprMethods.GetState, request, cancellationToken);
    }

    private Task<GetBulkStateResponse> GetBulkAsync(string storeName, IReadOnlyList<string> keys, int? parallelism, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        NotEmpty(keys, nameof(keys));
        var request = new GetBulkStateRequest { StoreName = storeName, Parallelism = parallelism ?? 0 };
        Add(request.Metadata, metadata);
        request.Keys.AddRange(keys);
        return CallAsync("State", DaprMethods.GetBulkState, request, cancellationToken);
    }

    private Task<Empty> SaveAsync(string storeName, StateItem item, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        var request = new SaveStateRequest { StoreName = storeName };
        request.States.Add(item);
        return CallAsync("State", DaprMethods.SaveState, request, cancellationToken);
    }

    private Task<Empty> DeleteAsync(string storeName, string key, string? etag, StateOptions? options, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(storeName);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var request = new DeleteStateRequest { StoreName = storeName, Key = key, Options = Options(options) };
        if (etag is not null)
            request.Etag = new() { Value = etag };
        Add(request.Metadata, metadata);
        return CallAsync("State", DaprMethods.DeleteState, request, cancellationToken);
    }

    // Only a lost race is an answer; a malformed etag (INVALID_ARGUMENT) is a mistake.
    private static async Task<bool> TryAsync(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (DaprException e) when (e.InnerException is RpcException { Status: StatusCode.Aborted })
        {
            return false;
        }
    }

    private ByteString? Value<T>(T value) => value is null ? null : ToJson("State", value);

    private static StateItem Item(string key, ByteString? value, string? etag, StateOptions? options, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var item = new StateItem { Key = key, Options = Options(options) };
        if (value is not null)
            item.Value = value;
        if (etag is not null)
            item.Etag = new() { Value = etag };
        Add(item.Metadata, metadata);
        return item;
    }

    private static Proto.Common.V1.StateOptions? Options(StateOptions? options) => options is null ? null : new()
    {
        Consistency = Consistency(options.Consistency),
        Concurrency = options.Concurrency switch
        {
            ConcurrencyMode.FirstWrite => Wire.StateConcurrency.ConcurrencyFirstWrite,
            ConcurrencyMode.LastWrite => Wire.StateConcurrency.ConcurrencyLastWrite,
            _ => Wire.StateConcurrency.ConcurrencyUnspecified,
        },
    };

    private static Wire.StateConsistency Consistency(ConsistencyMode? mode) => mode switch
    {
        ConsistencyMode.Eventual => Wire.StateConsistency.ConsistencyEventual,
        ConsistencyMode.Strong => Wire.StateConsistency.ConsistencyStrong,
        _ => Wire.StateConsistency.ConsistencyUnspecified,
    };

    private static void NotEmpty<T>(IReadOnlyCollection<T> items, string name)
    {
        ArgumentNullException.ThrowIfNull(items, name);
        if (items.Count == 0)
            throw new ArgumentException("There must be at least one.", name);
    }
}
