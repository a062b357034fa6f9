using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Services.Tests.ServiceDefaults;

/// <summary>A service made of the defaults and a few routes, on a real Kestrel.</summary>
internal sealed class SmallApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private SmallApp(WebApplication app)
    {
        this.app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Client { get; }

    public static async Task<SmallApp> StartAsync(Action<WebApplication> map, IJwksSource? keys = null, TimeProvider? time = null, params string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(
            ["--urls=http://127.0.0.1:0", "--APP_API_TOKEN=app-token", "--Logging:LogLevel:Default=None", .. settings]);
        if (keys is not null) builder.Services.AddSingleton(keys);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.AddServiceDefaults("small-service");
        var app = builder.Build();
        app.UseServiceDefaults();
        map(app);
        await app.StartAsync();
        return new SmallApp(app);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
