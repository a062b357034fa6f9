#nullable disable
using System.Text.Json;
using LocalDapr.Protocol.Grpc;
using Microsoft.Extensions.Configuration;

namespace Dapr.Client;

/// <summary>Makes a <see cref="DaprClient"/>; what is not said comes from <see cref="DaprDefaults"/>.</summary>
public sealed class DaprClientBuilder
{
    private string httpEndpoint;
    private string grpcEndpoint;
    private string apiToken;
    private JsonSerializerOptions jsonOptions = new(JsonSerializerDefaults.Web);
    private TimeSpan timeout;

    public DaprClientBuilder() : this(null)
    {
    }

    internal DaprClientBuilder(IConfiguration configuration) => (httpEndpoint, grpcEndpoint, apiToken) =
        (DaprDefaults.GetDefaultHttpEndpoint(configuration), DaprDefaults.GetDefaultGrpcEndpoint(configuration), DaprDefaults.GetDefaultDaprApiToken(configuration));

    public DaprClientBuilder UseHttpEndpoint(string httpEndpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(httpEndpoint);
        this.httpEndpoint = httpEndpoint;
        return this;
    }

    public DaprClientBuilder UseGrpcEndpoint(string grpcEndpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(grpcEndpoint);
        this.grpcEndpoint = grpcEndpoint;
        return this;
    }

    public DaprClientBuilder UseJsonSerializationOptions(JsonSerializerOptions options)
    {
        jsonOptions = options;
        return this;
    }

    public DaprClientBuilder UseDaprApiToken(string apiToken)
    {
        this.apiToken = apiToken;
        return this;
    }

    /// <summary>Of HTTP calls only: health and invocation.</summary>
    public DaprClientBuilder UseTimeout(TimeSpan timeout)
    {
        this.timeout = timeout;
        return this;
    }

    /// <exception cref="InvalidOperationException">An endpoint is neither http nor https.</exception>
    public DaprClient Build()
    {
        Uri grpc = Checked(grpcEndpoint, "gRPC"), http = Checked(httpEndpoint, "HTTP");
        var channel = new GrpcChannel(grpc, options: new() { ApiToken = apiToken, UserAgent = $"grpc-dotnet/2.76 {DaprClientGrpc.UserAgentText}" });
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        if (timeout > TimeSpan.Zero)
            client.Timeout = timeout;
        return new DaprClientGrpc(channel, client, http, jsonOptions, apiToken);
    }

    private static Uri Checked(string endpoint, string kind)
    {
        var uri = new Uri(endpoint);
        return uri.Scheme is "http" or "https" ? uri : throw new InvalidOperationException($"The {kind} endpoint must use http or https.");
    }
}
