using Dapr.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Quayside.Orders.Privacy;

internal static class SecretsExtensions
{
    private const string Store = "secretstore";
    private const string Key = "orders-encryption-key";

    public static IServiceCollection AddSecrets(this IServiceCollection services)
    {
        services.TryAddSingleton<ReadMasterKey>(provider => token => ReadAsync(provider.GetRequiredService<DaprClient>(), token));
        return services;
    }

    private static async Task<byte[]> ReadAsync(DaprClient dapr, CancellationToken cancellationToken)
    {
        var secret = await dapr.GetSecretAsync(Store, Key, cancellationToken: cancellationToken);
        var key = Convert.FromBase64String(secret[Key]);
        return key.Length == 32 ? key : throw new InvalidOperationException($"The secret {Key} must be 32 bytes in base64");
    }
}
