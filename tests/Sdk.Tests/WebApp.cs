using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Sdk.Tests;

/// <summary>A small app on a free port, and a client of it.</summary>
internal sealed class WebApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebApp(WebApplication app) => (this.app, Client) = (app, new() { BaseAddress = new(app.Urls.Single()) });

    public HttpClient Client { get; }

    public static async Task<WebApp> StartAsync(Action<WebApplication> configure, Action<WebApplicationBuilder>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        services?.Invoke(builder);
        var app = builder.Build();
        configure(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
