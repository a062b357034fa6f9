using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Quayside.Servers;

/// <summary>Ports for the processes that tests and benchmarks start.</summary>
internal static class Ports
{
    /// <summary>Given out by this process, and perhaps not taken yet.</summary>
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port of 127.0.0.1 below those that the system hands out for connections and for port 0: it stays free until its process takes it. Never the same twice.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            if (!Given.TryAdd(port, true))
                continue;
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // another's
            }
        }
    }
}
