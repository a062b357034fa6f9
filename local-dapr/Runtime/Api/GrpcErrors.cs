using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Api;

/// <summary>Refusals of the Dapr API as gRPC callers see them: a status, and ErrorInfo and its companions in grpc-status-details-bin (contract section 3).</summary>
public static class GrpcErrors
{
    private const string Domain = "dapr.io";

    /// <summary>In characters: errors repeat what the client sent, and an error with its details must fit into headers.</summary>
    private const int MaxText = 300;

    /// <summary>Offers a unary method; an <see cref="ApiException"/> of the handler goes out with its status and details.</summary>
    public static GrpcServices Serve<TReq, TRes>(this GrpcServices services, Method<TReq, TRes> method, Func<TReq, ServerCallContext, Task<TRes>> handler)
        where TReq : IMessage<TReq>
        where TRes : IMessage<TRes> =>
        services.Unary(method, async (request, call) =>
        {
            try
            {
                return await handler(request, call);
            }
            catch (ApiException failure)
            {
                throw failure.ToRpc();
            }
        });

    /// <summary>The same for a method that answers with a stream.</summary>
    public static GrpcServices ServeStream<TReq, TRes>(this GrpcServices services, Method<TReq, TRes> method, Func<TReq, IServerStreamWriter<TRes>, ServerCallContext, Task> handler)
        where TReq : IMessage<TReq>
        where TRes : IMessage<TRes> =>
        services.ServerStream(method, async (request, answers, call) =>
        {
            try
            {
                await handler(request, answers, call);
            }
            catch (ApiException failure)
            {
                throw failure.ToRpc();
            }
        });

    /// <summary>The plain family has one detail: an ErrorInfo whose reason is the error code.</summary>
    public static RpcException ToRpc(this ApiException error)
    {
        var status = new Status { Code = (int)error.GrpcStatus, Message = Short(error.Message) };
        if (error.Details is null)
            status.Details.Add(Pack(new ErrorInfo { Reason = error.ErrorCode, Domain = Domain }));
        else
            status.Details.AddRange(error.Details.Select(Detail).Select(Pack));
        return RpcException.From(status);
    }

    private static Any Pack(IMessage detail) => Any.Pack(detail);

    private static IMessage Detail(JsonObject json)
    {
        switch ((string?)json["@type"])
        {
            case "type.googleapis.com/google.rpc.ErrorInfo":
                var info = new ErrorInfo { Reason = Text(json, "reason"), Domain = Text(json, "domain") };
                foreach (var (name, value) in json["metadata"] as JsonObject ?? [])
                    info.Metadata[Short(name)] = Short(value?.ToString() ?? "");
                return info;
            case "type.googleapis.com/google.rpc.ResourceInfo":
                return new ResourceInfo
                {
                    ResourceType = Text(json, "resource_type"),
                    ResourceName = Text(json, "resource_name"),
                    Owner = Text(json, "owner"),
                    Description = Text(json, "description"),
                };
            case "type.googleapis.com/google.rpc.BadRequest":
                var request = new BadRequest();
                foreach (var violation in (json["field_violations"] as JsonArray ?? []).OfType<JsonObject>())
                    request.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = Text(violation, "field"), Description = Text(violation, "description") });
                return request;
            case var other:
                throw new ArgumentException($"no status detail of type {other} is known", nameof(json));
        }
    }

    private static string Text(JsonObject json, string name) => Short((string?)json[name] ?? "");

    private static string Short(string text) => text.Length > MaxText ? text[..MaxText] + "..." : text;
}
