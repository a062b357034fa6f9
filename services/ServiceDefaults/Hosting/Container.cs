using Microsoft.Extensions.Configuration;

namespace Quayside.ServiceDefaults.Hosting;

internal static class Container
{
    public static bool IsHost(IConfiguration configuration) =>
        configuration["DOTNET_RUNNING_IN_CONTAINER"] is { } value && (value == "1" || bool.TryParse(value, out var on) && on);
}
