using System.Net;
using System.Net.Sockets;

namespace Quayside.Identity.Login;

/// <summary>Who counts as one client: an IPv4 address, or the /64 network of an IPv6 address, of which everybody has 2^64 to himself.</summary>
internal static class ClientKey
{
    private const int NetworkBytes = 8;

    public static string Of(string address)
    {
        if (!IPAddress.TryParse(address, out var parsed)) return address;
        if (parsed.IsIPv4MappedToIPv6) parsed = parsed.MapToIPv4();
        return parsed.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(parsed.GetAddressBytes().AsSpan(0, NetworkBytes))
            : parsed.ToString();
    }
}
