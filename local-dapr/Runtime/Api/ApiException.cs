using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Api;

/// <summary>
/// A refusal or failure of the Dapr API, rendered alike for HTTP and gRPC callers (contract section 3). <paramref name="details"/> holds the
/// status details of a "kit" error, ErrorInfo last, in their JSON form with "@type"; null for the plain <c>{errorCode, message}</c> family.
/// </summary>
public sealed class ApiException(int httpStatus, StatusCode grpcStatus, string errorCode, string message, IReadOnlyList<JsonObject>? details = null)
    : Exception(message)
{
    public int HttpStatus { get; } = httpStatus;

    public StatusCode GrpcStatus { get; } = grpcStatus;

    public string ErrorCode { get; } = errorCode;

    public IReadOnlyList<JsonObject>? Details { get; } = details;

    /// <summary>Body could not be read: 400 ERR_MALFORMED_REQUEST.</summary>
    public static ApiException Malformed(string message) => new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", message);

    /// <summary>An error of the "kit" family: ErrorInfo {reason, domain dapr.io, metadata}, optionally preceded by a ResourceInfo.</summary>
    public static ApiException Kit(int httpStatus, StatusCode grpcStatus, string errorCode, string reason, string message, (string Type, string Name)? resource = null, JsonObject? metadata = null)
    {
        var details = new List<JsonObject>();
        if (resource is var (type, name))
            details.Add(new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.ResourceInfo", ["resource_type"] = type, ["resource_name"] = name });
        details.Add(new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo", ["domain"] = "dapr.io", ["metadata"] = metadata, ["reason"] = reason });
        return new(httpStatus, grpcStatus, errorCode, message, details);
    }
}
