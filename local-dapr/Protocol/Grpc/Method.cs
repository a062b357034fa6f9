using Google.Protobuf;

namespace LocalDapr.Protocol.Grpc;

/// <summary>One call of a gRPC service. <paramref name="Service"/> is its full name with the package, if it has one.</summary>
public sealed record Method<TReq, TRes>(string Service, string Name, MessageParser<TReq> RequestParser, MessageParser<TRes> ResponseParser)
    where TReq : IMessage<TReq>
    where TRes : IMessage<TRes>
{
    /// <summary>The HTTP path, <c>/service/name</c>.</summary>
    public string FullName { get; } = $"/{Service}/{Name}";

    internal Marshaller<TReq> Request { get; } = Marshaller.For(RequestParser);

    internal Marshaller<TRes> Response { get; } = Marshaller.For(ResponseParser);
}
