using Microsoft.Extensions.Configuration;

namespace Dapr.Common;

/// <summary>What builders of clients have in common: where the sidecar is, and its token; both from configuration or environment by default.</summary>
public abstract class DaprGenericClientBuilder<TClientBuilder> where TClientBuilder : class, IDaprClient
{
    protected DaprGenericClientBuilder(IConfiguration? configuration = null) => Configuration = configuration;

    internal IConfiguration? Configuration { get; }

    internal string? GrpcEndpoint { get; private set; }

    internal string? DaprApiToken { get; private set; }

    public DaprGenericClientBuilder<TClientBuilder> UseGrpcEndpoint(string grpcEndpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(grpcEndpoint);
        GrpcEndpoint = grpcEndpoint;
        return this;
    }

    public DaprGenericClientBuilder<TClientBuilder> UseDaprApiToken(string apiToken)
    {
        DaprApiToken = apiToken;
        return this;
    }

    public abstract TClientBuilder Build();
}
