using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts.Registrations;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Identity;
using Quayside.Outbox;
using Quayside.ServiceDefaults.Invocation;
using Quayside.Services.Tests.Participants;
using Quayside.Users;
using Quayside.Workflows.UserRegistration;

namespace Quayside.Services.Tests.Ownership;

/// <summary>Users and Identity as they are shipped, with the registration's own activities in the place of its workflow.</summary>
internal sealed class AccountsHouse : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, bool> started = new();
    private readonly HttpClient http = new();
    private readonly House house;
    private readonly Invoker invoker;

    private AccountsHouse(House house)
    {
        this.house = house;
        invoker = new(new ConfigurationBuilder().AddInMemoryCollection([new("DAPR_HTTP_ENDPOINT", house.Sidecar.HttpEndpoint)]).Build());
    }

    public ConcurrentQueue<DomainEvent> Published { get; } = [];

    public static async Task<AccountsHouse> StartAsync()
    {
        var accounts = new AccountsHouse(await House.EmptyAsync());
        await accounts.house.RunAsync(["--Passwords:Iterations=1"], ["auth-service"], (args, _) => IdentityApp.Build(args));
        await accounts.house.RunAsync([], ["user-service"], (args, _) => UsersApp.Build(args, services => services.AddSingleton<PublishEvent>((happened, _) =>
        {
            accounts.Published.Enqueue(happened);
            return Task.CompletedTask;
        })));
        await accounts.house.RunAsync([], ["workflows"], (args, _) => accounts.Registrations(args));
        return accounts;
    }

    /// <summary>As a client whose address is its own, with or without a token.</summary>
    public async Task<HttpResponseMessage> SendAsync(string client, HttpMethod method, string path, string? token = null, object? body = null, string? key = null)
    {
        using var request = house.Request(method, path.StartsWith("/api/auth", StringComparison.Ordinal) ? "auth-service" : "user-service", path);
        request.Headers.Add("X-Client-Address", client);
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = JsonContent.Create(body);
        return await http.SendAsync(request);
    }

    /// <summary>What Users has, past every guard.</summary>
    public async Task<UserProfile?> ProfileAsync(string userId) =>
        (await house.PostAsync<ReadProfile, ReadProfileResult>("user-service", "internal/users/profile", new(userId))).Profile;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await house.DisposeAsync();
        invoker.Dispose();
    }

    private WebApplication Registrations(string[] args)
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        app.MapPost("/internal/registrations", async (StartRegistration start) =>
        {
            if (!started.TryAdd(start.RegistrationId, true)) return new StartRegistrationResult(false);
            try
            {
                var valid = await new ValidateUserActivity(invoker).RunAsync(null!, new(start.RegistrationId));
                await new CreateUserActivity(invoker).RunAsync(null!, valid);
            }
            catch (ValidationError)
            {
                // rejected: nobody is created
            }

            return new StartRegistrationResult(true);
        });
        return app;
    }
}
