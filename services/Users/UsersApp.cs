using Quayside.ServiceDefaults;
using Quayside.Users.Profiles;

namespace Quayside.Users;

public static class UsersApp
{
    /// <param name="services">What a test puts in place of the real thing, such as the keys that tokens are verified with.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        services?.Invoke(builder.Services);
        builder.AddServiceDefaults("user-service", port: 3001);
        builder.Services.AddSingleton<ProfileTable>();
        builder.Services.AddHostedService<Seed>();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapProfiles();
        app.MapInternal();
        return app;
    }
}
