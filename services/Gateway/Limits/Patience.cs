using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Quayside.Gateway.Limits;

/// <summary>How long the gateway listens to a client that is slow on purpose, and to how many clients.</summary>
internal static class Patience
{
    public static void LimitClients(this KestrelServerOptions kestrel, GatewayOptions.ClientOptions limits, TrustedProxies proxies)
    {
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.HeadersTimeout);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(limits.MinBodyRate, TimeSpan.FromSeconds(limits.BodyGrace));
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(limits.IdleTimeout);
        kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections;
        var share = new ConnectionLimit(limits.MaxConnectionsPerAddress, proxies);
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(share.Before));
    }
}
