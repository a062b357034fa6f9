using Quayside.Gateway.Routing;

namespace Quayside.Gateway;

/// <summary>The section Gateway of the configuration.</summary>
public sealed class GatewayOptions
{
    public List<RouteLine> Routes { get; init; } = [];

    /// <summary>Apps whose parked events /api/admin/parked/{app} may reach.</summary>
    public List<string> ParkedApps { get; init; } = [];

    /// <summary>The only origin whose scripts may call /api/admin.</summary>
    public string AdminOrigin { get; init; } = "https://admin.myapp.com";

    /// <summary>Tries after the first; 0 where a mesh in front retries already.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Seconds one try may take until its response headers.</summary>
    public double TryTimeout { get; init; } = 2;

    /// <summary>Seconds an app may take from the gateway's start until it is ready for the first time; 0: its breaker counts from the start.</summary>
    public double StartLimit { get; init; } = 60;

    /// <summary>Networks (10.0.0.0/8) of proxies: their X-Forwarded-For is believed, their connections are not limited by address.</summary>
    public List<string> TrustedProxies { get; init; } = [];

    public BreakerOptions Breaker { get; init; } = new();

    public ClientOptions Clients { get; init; } = new();

    /// <summary>By name; the routes say which applies.</summary>
    public Dictionary<string, Bucket> RateLimits { get; init; } = [];

    public sealed class BreakerOptions
    {
        /// <summary>Calls within <see cref="Window"/> before the breaker may judge.</summary>
        public int Threshold { get; init; } = 5;

        /// <summary>Share of failed calls at which it opens.</summary>
        public double FailureRatio { get; init; } = 0.5;

        /// <summary>Seconds of history it looks at.</summary>
        public double Window { get; init; } = 10;

        /// <summary>Seconds it stays open before one call may try again.</summary>
        public double ResetTimeout { get; init; } = 60;
    }

    public sealed class ClientOptions
    {
        /// <summary>Seconds until the headers of a request must be complete.</summary>
        public double HeadersTimeout { get; init; } = 10;

        /// <summary>Bytes a second that a body must come at, on average.</summary>
        public double MinBodyRate { get; init; } = 240;

        /// <summary>Seconds before <see cref="MinBodyRate"/> counts; more than 1.</summary>
        public double BodyGrace { get; init; } = 5;

        /// <summary>Open at the same time; further ones are closed at once.</summary>
        public int MaxConnections { get; init; } = 10_000;

        /// <summary>Of one address, or one /64 network of IPv6; trusted proxies have no such limit.</summary>
        public int MaxConnectionsPerAddress { get; init; } = 500;

        /// <summary>Seconds a connection may be open without a request.</summary>
        public double IdleTimeout { get; init; } = 75;
    }

    public sealed class Bucket
    {
        public int PerSecond { get; init; } = 500;

        /// <summary>Tokens a full bucket holds.</summary>
        public int Burst { get; init; } = 500;
    }
}
