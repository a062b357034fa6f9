namespace Quayside.Gateway.Limits;

/// <summary>The address of the connection, or what the trusted proxies say it is.</summary>
internal static class ClientAddress
{
    public static string Of(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
}
