using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Quayside.Bench.RuntimeLoad;

/// <summary>The app: gives back what is sent to /echo, takes events of the topic <c>load</c>, and says at /events how many it has had.</summary>
internal static class EchoApp
{
    public static async Task ServeAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var port = int.Parse(Environment.GetEnvironmentVariable("APP_PORT")!, System.Globalization.CultureInfo.InvariantCulture);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var events = 0;
        app.Run(async http =>
        {
            switch (http.Request.Path.Value)
            {
                case "/echo":
                    http.Response.ContentType = http.Request.ContentType;
                    http.Response.ContentLength = http.Request.ContentLength;
                    await http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
                    break;
                case "/dapr/subscribe":
                    await http.Response.WriteAsync("""[{"pubsubname":"pubsub","topic":"load","route":"/event"}]""", http.RequestAborted);
                    break;
                case "/event":
                    await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
                    Interlocked.Increment(ref events);
                    break;
                case "/events":
                    await http.Response.WriteAsync($"{Volatile.Read(ref events)}", http.RequestAborted);
                    break;
                default:
                    http.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
            }
        });
        await app.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
    }
}
