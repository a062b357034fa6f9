using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Quayside.Gateway.Limits;

/// <summary>Networks of the operator's own proxies: everybody comes from there, and what they say of his address is believed.</summary>
public sealed class TrustedProxies(GatewayOptions options)
{
    private readonly IPNetwork[] networks = [.. options.TrustedProxies.Select(Parse)];

    public bool Include(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(plain));
    }

    /// <summary>The last hop that is no trusted proxy becomes the connection's address; nothing before it in the list is proven.</summary>
    public void UseAddresses(IApplicationBuilder app)
    {
        if (networks.Length == 0) return;
        var headers = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var network in networks) headers.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(headers);
    }

    private static IPNetwork Parse(string network) => IPNetwork.TryParse(network, out var parsed)
        ? parsed
        : throw new InvalidOperationException($"Gateway:TrustedProxies: {network} is no network such as 10.0.0.0/8.");
}
