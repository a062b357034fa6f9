using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.State;

/// <summary>The errors of the state API (contract section 3), as measured.</summary>
internal static class StateErrors
{
    public const string Save = "ERR_STATE_SAVE";
    public const string Delete = "ERR_STATE_DELETE";
    public const string BulkDelete = "ERR_STATE_BULK_DELETE";
    public const string Transaction = "ERR_STATE_TRANSACTION";

    public static ApiException NotConfigured(string appId) =>
        ApiException.Kit(500, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED", "DAPR_STATE_NOT_CONFIGURED", "no state store is configured", metadata: new JsonObject { ["appID"] = appId });

    public static ApiException NotFound(string store, string appId) =>
        ApiException.Kit(400, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND", "DAPR_STATE_NOT_FOUND", $"state store {store} is not found", metadata: new JsonObject { ["appID"] = appId });

    public static ApiException NoQueries(string store) =>
        ApiException.Kit(500, StatusCode.Internal, "ERR_STATE_STORE_NOT_SUPPORTED", "DAPR_STATE_QUERYING_NOT_SUPPORTED", $"state store {store} does not support queries", ("state", store));

    public static ApiException IllegalKey(string key, string store)
    {
        var message = $"input key '{key}' can't contain '{KeyPrefix.Separator}'";
        return new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", message,
        [
            new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.BadRequest",
                ["field_violations"] = new JsonArray(new JsonObject { ["field"] = key, ["description"] = message }),
            },
            new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.ResourceInfo", ["resource_type"] = "state", ["resource_name"] = store },
            new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo", ["domain"] = "dapr.io", ["metadata"] = null, ["reason"] = "DAPR_STATE_ILLEGAL_KEY" },
        ]);
    }

    public static ApiException UnknownOperation(string operation) =>
        new(400, StatusCode.Unimplemented, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} is not supported: use upsert or delete");

    public static ApiException BadTtl(string text) =>
        new(400, StatusCode.InvalidArgument, Save, $"ttlInSeconds is `{text}`, which is no whole number of seconds");

    public static ApiException GetFailed(string key, string store, Exception failure) =>
        new(500, StatusCode.Internal, "ERR_STATE_GET", $"fail to get {key} from state store {store}: {failure.Message}");

    /// <summary>A failed write: 409 when someone else was first (500 in a transaction, as Dapr has it), else 500.</summary>
    public static ApiException WriteFailed(string errorCode, string store, Exception failure)
    {
        var cause = failure is Resiliency.PermanentException { InnerException: { } inner } ? inner : failure;
        var lost = cause is ETagMismatchException && errorCode != Transaction;
        var message = $"failed changing state in state store {store}: {cause.Message}";
        return lost ? new(409, StatusCode.Aborted, errorCode, message) : new(500, StatusCode.Internal, errorCode, message);
    }
}
