using System.Net;
using Microsoft.AspNetCore.Connections;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Gateway.Limits;

/// <summary>Closes what a client opens beyond his share: one address could else take all connections there are.</summary>
public sealed class ConnectionLimit(int most, TrustedProxies proxies)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);

    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || proxies.Include(address))
        {
            await next(connection);
            return;
        }

        var client = ClientKey.Of(address);
        if (!TryEnter(client))
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(client);
        }
    };

    private bool TryEnter(string client)
    {
        lock (gate)
        {
            var others = open.GetValueOrDefault(client);
            if (others >= most) return false;
            open[client] = others + 1;
            return true;
        }
    }

    private void Leave(string client)
    {
        lock (gate)
        {
            if (--open[client] == 0) open.Remove(client);
        }
    }
}
