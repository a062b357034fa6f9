using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Quayside.Servers;

/// <summary>Orders as it is shipped, in a process of its own, beside a sidecar that is healthy and knows the keys of auth-service, and nobody else.</summary>
internal sealed class OrdersProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly WebApplication _sidecar;
    private readonly Process _process;
    private readonly HttpClient _http;

    private OrdersProcess(WebApplication sidecar, Process process, HttpClient http) => (_sidecar, _process, _http) = (sidecar, process, http);

    /// <summary>From the start of the process until it said that it is ready.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <param name="dll">Orders.dll.</param>
    /// <param name="folder">Of its data.</param>
    /// <param name="keySet">The JSON Web Key Set of auth-service.</param>
    /// <param name="token">Of whoever asks.</param>
    /// <param name="settings">More environment.</param>
    public static async Task<OrdersProcess> StartAsync(string dll, string folder, string keySet, string token, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var sidecar = builder.Build();
        sidecar.MapGet("/v1.0/healthz/outbound", () => TypedResults.NoContent());
        sidecar.MapGet("/v1.0/invoke/auth-service/method/.well-known/jwks.json", () => TypedResults.Text(keySet, "application/json"));
        await sidecar.StartAsync();

        var port = Ports.Free();
        var start = new ProcessStartInfo("dotnet", [dll, $"--urls=http://127.0.0.1:{port}", $"--DataDirectory={folder}", $"--DAPR_HTTP_ENDPOINT={sidecar.Urls.Single()}", "--APP_API_TOKEN=app-token", "--Logging:LogLevel:Default=Error"])
        {
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Patience, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        http.DefaultRequestHeaders.Add("dapr-api-token", "app-token");
        var clock = Stopwatch.StartNew();
        var orders = new OrdersProcess(sidecar, Process.Start(start)!, http);
        await orders.UntilReadyAsync();
        orders.ReadyAfter = clock.Elapsed;
        return orders;
    }

    public async Task<string> GetAsync(string path) => await _http.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>Bytes that it has read from files, whether they were cached or not (Linux only).</summary>
    public long BytesRead() => long.Parse(File.ReadLines($"/proc/{_process.Id}/io").First(line => line.StartsWith("rchar:", StringComparison.Ordinal))["rchar: ".Length..], null);

    /// <summary>SIGTERM, as the runtime stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
        _http.Dispose();
        await _sidecar.DisposeAsync();
    }

    private async Task UntilReadyAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"Orders ended: {await _process.StandardOutput.ReadToEndAsync(deadline.Token)}");
            try
            {
                using var answer = await _http.GetAsync(new Uri("/healthz/ready", UriKind.Relative), deadline.Token);
                if (answer.StatusCode is HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
            await Task.Delay(10, deadline.Token);
        }
    }
}
