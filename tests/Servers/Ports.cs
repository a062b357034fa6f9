using System.Net;
using System.Net.Sockets;

namespace Quayside.Servers;

/// <summary>Ports for the processes that tests and benchmarks start.</summary>
internal static class Ports
{
    /// <summary>A port of 127.0.0.1 below those that the system hands out for connections and for port 0: it stays free until its process takes it.</summary>
    public static int Free()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(15_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // another's
            }
        }
    }
}
