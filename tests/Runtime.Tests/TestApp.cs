using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LocalDapr.Runtime.Tests;

/// <summary>An HTTP app on a free port that remembers what it was asked.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication server;

    private TestApp(WebApplication server) => this.server = server;

    public ConcurrentQueue<AppCall> Calls { get; } = [];

    public int Port => new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <summary>Answers with the status that <paramref name="answer"/> gives; 200 without one.</summary>
    public static async Task<TestApp> StartAsync(Func<AppCall, int>? answer = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = new TestApp(builder.Build());
        app.server.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
            var call = new AppCall(http.Request.Method, http.Request.Path, await reader.ReadToEndAsync(), http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            app.Calls.Enqueue(call);
            http.Response.StatusCode = answer?.Invoke(call) ?? StatusCodes.Status200OK;
        });
        await app.server.StartAsync();
        return app;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}

internal sealed record AppCall(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);
