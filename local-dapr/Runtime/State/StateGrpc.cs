using System.Text.Json;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Tracing;
using StateItemProto = Dapr.Proto.Common.V1.StateItem;

namespace LocalDapr.Runtime.State;

/// <summary>The state API over gRPC: bytes are stored as they come, unless an item says <c>contentType: application/json</c>.</summary>
internal sealed class StateGrpc(Func<string, StateComponent> find)
{
    private static readonly Empty Done = new();

    public void Map(GrpcServices grpc)
    {
        grpc.Serve(DaprMethods.GetState, GetAsync);
        grpc.Serve(DaprMethods.GetBulkState, GetManyAsync);
        grpc.Serve(DaprMethods.SaveState, SaveAsync);
        grpc.Serve(DaprMethods.DeleteState, DeleteAsync);
        grpc.Serve(DaprMethods.DeleteBulkState, DeleteManyAsync);
        grpc.Serve(DaprMethods.ExecuteStateTransaction, TransactAsync);
        grpc.Serve(DaprMethods.QueryStateAlpha1, (request, _) => throw StateErrors.NoQueries(find(request.StoreName).Name));
    }

    private async Task<GetStateResponse> GetAsync(GetStateRequest request, ServerCallContext call)
    {
        var value = await find(request.StoreName).GetAsync(request.Key, call.CancellationToken);
        if (value is null)
            return new GetStateResponse();
        var response = new GetStateResponse { Data = UnsafeByteOperations.UnsafeWrap(value.Data), Etag = value.ETag };
        if (value.Expires is { } expires)
            response.Metadata["ttlExpireTime"] = StateHttp.Rfc3339(expires);
        return response;
    }

    private async Task<GetBulkStateResponse> GetManyAsync(GetBulkStateRequest request, ServerCallContext call)
    {
        var store = find(request.StoreName);
        var response = new GetBulkStateResponse();
        foreach (var key in request.Keys)
        {
            var item = new BulkStateItem { Key = key };
            try
            {
                if (await store.GetAsync(key, call.CancellationToken) is { } value)
                {
                    item.Data = UnsafeByteOperations.UnsafeWrap(value.Data);
                    item.Etag = value.ETag;
                    if (value.Expires is { } expires)
                        item.Metadata["ttlExpireTime"] = StateHttp.Rfc3339(expires);
                }
            }
            catch (ApiException failure) when (failure.GrpcStatus == StatusCode.Internal)
            {
                item.Error = failure.Message;
            }
            response.Items.Add(item);
        }
        return response;
    }

    private async Task<Empty> SaveAsync(SaveStateRequest request, ServerCallContext call)
    {
        var store = find(request.StoreName);
        var writes = new StateWrite[request.States.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            if (request.States[i].Key.Length == 0)
                throw new ApiException(400, StatusCode.InvalidArgument, StateErrors.Save, "state key cannot be empty");
            writes[i] = ToWrite(store, request.States[i]);
        }
        await store.WriteAsync(writes, StateErrors.Save, call.CancellationToken);
        return Done;
    }

    private async Task<Empty> DeleteAsync(DeleteStateRequest request, ServerCallContext call)
    {
        var store = find(request.StoreName);
        var write = store.Write(request.Key, null, isJson: false, request.Etag?.Value, IsFirstWrite(request.Options), null);
        await store.WriteAsync([write], StateErrors.Delete, call.CancellationToken);
        return Done;
    }

    private async Task<Empty> DeleteManyAsync(DeleteBulkStateRequest request, ServerCallContext call)
    {
        var store = find(request.StoreName);
        var writes = request.States.Select(item => ToDelete(store, item)).ToArray();
        await store.WriteAsync(writes, StateErrors.BulkDelete, call.CancellationToken);
        return Done;
    }

    private async Task<Empty> TransactAsync(ExecuteStateTransactionRequest request, ServerCallContext call)
    {
        var store = find(request.StoreName);
        var operations = new StateOperation[request.Operations.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            var item = request.Operations[i].Request ?? new StateItemProto();
            operations[i] = request.Operations[i].OperationType switch
            {
                "upsert" => new(ToWrite(store, item), item.Value.Memory, StateItem.Find(item.Metadata, "contentType"), item.Metadata.AsReadOnly()),
                "delete" => new(ToDelete(store, item), default, null, item.Metadata.AsReadOnly()),
                var other => throw StateErrors.UnknownOperation(other),
            };
        }
        await store.TransactAsync(operations, TraceContext.Of(call.HttpContext), call.CancellationToken);
        return Done;
    }

    private static StateWrite ToWrite(StateComponent store, StateItemProto item)
    {
        var value = item.Value.Memory;
        var isJson = item.Metadata.Count > 0 && IsJson(item.Metadata);
        if (isJson)
            value = Reprint(value, store.WritesLikeGo);
        return store.Write(item.Key, value, isJson, item.Etag?.Value, IsFirstWrite(item.Options), item.Metadata.Count == 0 ? null : StateItem.Ttl(item.Metadata));
    }

    private static StateWrite ToDelete(StateComponent store, StateItemProto item) =>
        store.Write(item.Key, null, isJson: false, item.Etag?.Value, IsFirstWrite(item.Options), null);

    private static bool IsFirstWrite(StateOptions? options) => options?.Concurrency == StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite;

    private static bool IsJson(MapField<string, string> metadata)
    {
        foreach (var (name, value) in metadata)
        {
            if (name.Equals("contentType", StringComparison.OrdinalIgnoreCase) && value.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static ReadOnlyMemory<byte> Reprint(ReadOnlyMemory<byte> value, bool likeGo)
    {
        try
        {
            using var document = ClientJson.Parse(value);
            return document.RootElement.ToStored(likeGo);
        }
        catch (JsonException failure)
        {
            throw new ApiException(400, StatusCode.InvalidArgument, StateErrors.Save, $"the item says contentType application/json, but its value is not JSON: {failure.Message}");
        }
    }
}
