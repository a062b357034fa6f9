using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf.Collections;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Configuration;

/// <summary>The configuration API over gRPC: a subscription is a stream that begins with its id and ends when it is unsubscribed.</summary>
internal sealed class ConfigurationGrpc(ConfigurationFeature feature)
{
    public void Map(GrpcServices grpc)
    {
        foreach (var method in new[] { DaprMethods.GetConfiguration, DaprMethods.GetConfigurationAlpha1 })
            grpc.Serve(method, GetAsync);
        foreach (var method in new[] { DaprMethods.SubscribeConfiguration, DaprMethods.SubscribeConfigurationAlpha1 })
            grpc.ServeStream(method, SubscribeAsync);
        foreach (var method in new[] { DaprMethods.UnsubscribeConfiguration, DaprMethods.UnsubscribeConfigurationAlpha1 })
            grpc.Serve(method, UnsubscribeAsync);
    }

    private async Task<GetConfigurationResponse> GetAsync(GetConfigurationRequest request, ServerCallContext call)
    {
        var response = new GetConfigurationResponse();
        Add(response.Items, await feature.GetAsync(request.StoreName, request.Keys, call.CancellationToken));
        return response;
    }

    private async Task SubscribeAsync(SubscribeConfigurationRequest request, IServerStreamWriter<SubscribeConfigurationResponse> answers, ServerCallContext call)
    {
        var subscription = feature.Subscribe(request.StoreName, request.Keys);
        try
        {
            await answers.WriteAsync(new SubscribeConfigurationResponse { Id = subscription.Id }, call.CancellationToken);
            await foreach (var changes in subscription.ReadAllAsync(call.CancellationToken))
            {
                var answer = new SubscribeConfigurationResponse { Id = subscription.Id };
                Add(answer.Items, changes);
                await answers.WriteAsync(answer, call.CancellationToken);
            }
        }
        finally
        {
            feature.Unsubscribe(request.StoreName, subscription.Id);
        }
    }

    private Task<UnsubscribeConfigurationResponse> UnsubscribeAsync(UnsubscribeConfigurationRequest request, ServerCallContext call)
    {
        feature.Find(request.StoreName);
        var ok = feature.Unsubscribe(request.StoreName, request.Id);
        return Task.FromResult(new UnsubscribeConfigurationResponse { Ok = ok, Message = ok ? "" : $"subscription {request.Id} does not exist" });
    }

    private static void Add(MapField<string, ConfigurationItem> items, IReadOnlyDictionary<string, ConfigurationEntry> entries)
    {
        foreach (var (key, entry) in entries)
        {
            var item = new ConfigurationItem { Value = entry.Value, Version = entry.Version };
            foreach (var (name, value) in entry.Metadata)
                item.Metadata[name] = value;
            items[key] = item;
        }
    }
}
