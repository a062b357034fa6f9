namespace Quayside.Gateway.Limits;

/// <summary>The address of the connection, or what the trusted proxies say it is.</summary>
internal static class ClientAddress
{
    /// <summary>Tells services that throttle by client who it is; the gateway overwrites whatever the client sent.</summary>
    public const string Header = "X-Client-Address";

    public static string Of(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
}
