using System.Text.Json;
using Quayside.Contracts;
using Quayside.Identity.Accounts;
using Quayside.Identity.Credentials;
using Quayside.Identity.Keys;
using Quayside.Identity.Login;
using Quayside.Identity.Store;
using Quayside.Identity.Tokens;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Parking;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Identity;

public static class IdentityApp
{
    /// <param name="services">What a test puts in place of the real thing, such as the clock.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        services?.Invoke(builder.Services);
        builder.Services.AddSingleton<IJwksSource, LocalJwks>();
        builder.AddServiceDefaults("auth-service", port: 3003);
        builder.Services.AddDaprClient();
        builder.Services.AddSingleton<IdentityStore>();
        builder.Services.AddSingleton<KeyEncryption>();
        builder.Services.AddSingleton<SigningKeyRing>();
        builder.Services.AddSingleton<AccountBook>();
        builder.Services.AddSingleton<CredentialBook>();
        builder.Services.Configure<PasswordOptions>(builder.Configuration.GetSection("Passwords"));
        builder.Services.AddSingleton<PasswordCheck>();
        builder.Services.AddSingleton<LoginThrottle>();
        builder.Services.AddSingleton<AccessTokenIssuer>();
        builder.Services.AddSingleton<RefreshTokens>();
        builder.Services.AddSingleton<Families>();
        builder.Services.AddParking(IdentityStore.Name, (services, happened, cancellation) => AccountEndpoints.HandleAsync(
            happened.Deserialize<EventEnvelope>(JsonSerializerOptions.Web)!, services.GetRequiredService<AccountBook>(), cancellation));
        builder.Services.AddSingleton<FirstStart>().AddHostedService(services => services.GetRequiredService<FirstStart>());
        builder.Services.AddHealthChecks().AddCheck<KeysReady>("keys");

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.UseSubscriptions();
        app.MapKeys();
        app.MapLogin();
        app.MapTokens();
        app.MapCredentials();
        app.MapAccounts();
        app.MapParking("auth-service", Topics.PubSub, AccountEndpoints.DeadLetters);
        return app;
    }
}
