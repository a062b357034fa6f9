using Quayside.Identity.Credentials;
using Quayside.Identity.Keys;
using Quayside.Identity.Login;
using Quayside.Identity.Store;
using Quayside.Identity.Tokens;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;

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
        builder.Services.AddSingleton<CredentialBook>();
        builder.Services.AddSingleton<PasswordCheck>();
        builder.Services.AddSingleton<LoginThrottle>();
        builder.Services.AddSingleton<AccessTokenIssuer>();
        builder.Services.AddSingleton<RefreshTokens>();
        builder.Services.AddSingleton<Families>();
        builder.Services.AddSingleton<FirstStart>().AddHostedService(services => services.GetRequiredService<FirstStart>());
        builder.Services.AddHealthChecks().AddCheck<KeysReady>("keys");

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapKeys();
        app.MapLogin();
        app.MapTokens();
        app.MapCredentials();
        return app;
    }
}
