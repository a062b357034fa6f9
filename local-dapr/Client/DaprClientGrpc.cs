using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;

namespace Dapr.Client;

/// <summary>The client over <see cref="GrpcChannel"/>; each building block is a part of its own.</summary>
internal sealed partial class DaprClientGrpc(GrpcChannel channel, HttpClient http, Uri httpEndpoint, JsonSerializerOptions json, string? apiToken) : DaprClient
{
    private static readonly Google.Protobuf.Collections.MapField<string, string> NoMetadata = [];

    public override JsonSerializerOptions JsonSerializerOptions => json;

    internal static string UserAgentText => UserAgent().ToString();

    internal GrpcChannel Channel => channel;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            channel.Dispose();
            http.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task<TRes> CallAsync<TReq, TRes>(string what, Method<TReq, TRes> method, TReq request, CancellationToken cancellationToken)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes>
    {
        try
        {
            return await channel.UnaryAsync(method, request, Options(cancellationToken));
        }
        catch (RpcException e)
        {
            throw Failed(what, e);
        }
    }

    private static CallOptions Options(CancellationToken cancellationToken) => new() { Headers = TraceHeaders.Current(), CancellationToken = cancellationToken };

    private static DaprException Failed(string what, RpcException e) =>
        new($"{what} operation failed: the Dapr endpoint indicated a failure. See InnerException for details.", e);

    private T FromJson<T>(string what, ByteString data)
    {
        try
        {
            return Deserialize<T>(data);
        }
        catch (JsonException e)
        {
            throw new DaprException($"{what} operation failed: the payload could not be deserialized. See InnerException for details.", e);
        }
    }

    // Of a missing key there are no bytes; whoever asks for a class must expect null.
    private T Deserialize<T>(ByteString data) => data.IsEmpty ? default! : JsonSerializer.Deserialize<T>(data.Span, json)!;

    private ByteString ToJson<T>(string what, T value)
    {
        try
        {
            return UnsafeByteOperations.UnsafeWrap(JsonSerializer.SerializeToUtf8Bytes(value, json));
        }
        catch (JsonException e)
        {
            throw new DaprException($"{what} operation failed: the payload could not be serialized. See InnerException for details.", e);
        }
    }

    private static void Add(Google.Protobuf.Collections.MapField<string, string> target, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        foreach (var (key, value) in metadata ?? NoMetadata)
            target.Add(key, value);
    }

    private HttpRequestMessage ToSidecar(HttpMethod method, Uri uri)
    {
        var request = new HttpRequestMessage(method, uri);
        request.Headers.UserAgent.Add(UserAgent());
        if (!string.IsNullOrWhiteSpace(apiToken))
            request.Headers.TryAddWithoutValidation("dapr-api-token", apiToken);
        return request;
    }

    private static readonly MediaTypeHeaderValue JsonUtf8 = new("application/json") { CharSet = "utf-8" };
}
