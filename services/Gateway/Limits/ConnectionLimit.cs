using System.Net;
using Microsoft.AspNetCore.Connections;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Gateway.Limits;

/// <summary>Closes what a client opens beyond his share: one address could else take all connections there are.</summary>
public sealed class ConnectionLimit(int most, TrustedProxies proxies)
{
    private readonly Places places = new(most);

    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || proxies.Include(address))
        {
            await next(connection);
            return;
        }

        using var place = places.TryTake(ClientKey.Of(address));
        if (place is null)
            connection.Abort();
        else
            await next(connection);
    };
}
