using System.Net;
using System.Net.Sockets;

namespace Quayside.ServiceDefaults.Clients;

/// <summary>Who counts as one client: an IPv4 address, or the /64 network of an IPv6 address, of which everybody has 2^64 to himself.</summary>
public static class ClientKey
{
    /// <summary>Tells services that limit by client which address it has; the gateway overwrites whatever the client sent.</summary>
    public const string AddressHeader = "X-Client-Address";

    private const int NetworkBytes = 8;

    public static string Of(string address) => IPAddress.TryParse(address, out var parsed) ? Of(parsed) : address;

    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, NetworkBytes))
            : address.ToString();
    }
}
