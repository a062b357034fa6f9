using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts.Users;
using Quayside.Identity;
using Quayside.Services.Tests.ServiceDefaults;

namespace Quayside.Services.Tests.Identity;

/// <summary>Identity on a real Kestrel with a store in memory and a clock of its own.</summary>
internal sealed class IdentityUnderTest : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly bool ownsStore;

    private IdentityUnderTest(WebApplication app, FakeStore store, ManualTime time, bool ownsStore)
    {
        this.app = app;
        this.ownsStore = ownsStore;
        Store = store;
        Time = time;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), DefaultRequestHeaders = { { "dapr-api-token", AppToken } } };
    }

    public const string AppToken = "app-token";

    public FakeStore Store { get; }

    public ManualTime Time { get; }

    public HttpClient Client { get; }

    public static async Task<IdentityUnderTest> StartAsync(FakeStore? shared = null, ManualTime? clock = null, params string[] settings)
    {
        var store = shared ?? await FakeStore.StartAsync();
        var time = clock ?? new ManualTime();
        var app = IdentityApp.Build(
            [
                "--urls=http://127.0.0.1:0", $"--DAPR_HTTP_ENDPOINT={store.Http}", $"--DAPR_GRPC_ENDPOINT={store.Grpc}", $"--APP_API_TOKEN={AppToken}",
                "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Microsoft=None",
                .. settings,
            ],
            services => services.AddSingleton<TimeProvider>(time));
        await app.StartAsync();
        return new IdentityUnderTest(app, store, time, shared is null);
    }

    /// <param name="appToken">Another than the sidecar's.</param>
    public Task<HttpResponseMessage> PostAsync(string path, object body, string? client = null, string? appToken = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (client is not null) request.Headers.Add("X-Client-Address", client);
        if (appToken is not null) request.Headers.Add("dapr-api-token", appToken);
        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> LoginAsync(string email, string password, string? client = null) =>
        PostAsync("/api/auth/login", new { email, password }, client);

    public async Task<Pair> LoginAsync(SeedUser user) =>
        await PairAsync(await LoginAsync(user.Email, user.DevelopmentPassword));

    public Task<HttpResponseMessage> RefreshAsync(string refreshToken) => PostAsync("/api/auth/refresh", new { refreshToken });

    public async Task<JsonElement> ValidateAsync(string token)
    {
        using var answer = await PostAsync("/api/auth/validate", new { token });
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    public static async Task<Pair> PairAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<Pair>())!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        if (ownsStore) await Store.DisposeAsync();
    }

    internal sealed record Pair(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn);
}
