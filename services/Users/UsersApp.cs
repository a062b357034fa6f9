using Quayside.Caching;
using Quayside.Contracts;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.Outbox;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Hosting;
using Quayside.ServiceDefaults.Invocation;
using Quayside.ServiceDefaults.Subscribing;
using Quayside.Users.Profiles;
using Quayside.Users.Publishing;
using Quayside.Users.Registering;

namespace Quayside.Users;

public static class UsersApp
{
    /// <param name="services">What a test puts in place of the real thing, such as the keys that tokens are verified with.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        services?.Invoke(builder.Services);
        builder.AddServiceDefaults("user-service", port: 3001);
        builder.AddDapr();
        builder.Services.AddSingleton(provider => Open(provider.GetRequiredService<DataDirectory>(), builder.Configuration));
        builder.Services.AddSingleton<ProfileTable>().AddSingleton<ProfileReader>().AddSingleton<DeleteUser>().AddHostedService<Seed>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database");
        builder.Services.AddMultiLevelCache();
        builder.Services.AddDaprPublisher(Topics.PubSub, Topics.Users, "user-service").AddHostedService<UserEventRelay>();
        builder.Services.AddSingleton<RegistrationIds>().AddSingleton<RegistrationTable>().AddSingleton<FirstSecond>().AddSingleton<Registrations>();

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.UseSubscriptions();
        app.MapProfiles();
        app.MapRegistrations();
        app.MapInternal();
        app.MapCacheInvalidations();
        return app;
    }

    /// <summary>Profiles, their events and the relay's progress change in one transaction: one database, PostgreSQL if there is a connection string <c>Users</c>.</summary>
    public static EventStore Open(DataDirectory data, IConfiguration configuration) => new(
        configuration.GetConnectionString("Users") is { } connection
            ? new DatabaseAddress.Postgres(connection, "users")
            : new DatabaseAddress.Sqlite(data.File("users.db")),
        ProfileTable.Schema + RegistrationIds.Schema + RegistrationTable.Schema + OutboxRelay.Schema);
}
