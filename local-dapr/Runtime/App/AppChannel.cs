using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.App;

/// <summary>How an app speaks: <c>--app-protocol</c>.</summary>
public enum AppProtocol { Http, Https, Grpc, Grpcs, H2c }

/// <summary>
/// The way to one app: address, token, concurrency limit and health. Every call to the app goes through here, so that
/// <c>--app-max-concurrency</c> and <c>APP_API_TOKEN</c> hold for all of them.
/// </summary>
public sealed class AppChannel : IAsyncDisposable
{
    private readonly SidecarOptions options;
    private readonly SemaphoreSlim? concurrency;
    private readonly HttpMessageInvoker invoker;
    private volatile bool healthy;

    public AppChannel(SidecarOptions options)
    {
        this.options = options;
        var scheme = options.AppProtocol is AppProtocol.Https or AppProtocol.Grpcs ? "https" : "http";
        Address = $"{scheme}://{options.AppChannelAddress}:{options.AppPort}";
        BaseAddress = new Uri(Address + "/");
        concurrency = options.AppMaxConcurrency > 0 ? new SemaphoreSlim(options.AppMaxConcurrency) : null;
        invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = 1024,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            // Header values pass as the bytes they are.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(5),
#pragma warning disable CA5359 // the contract of --app-protocol https, see AnyCertificate
            SslOptions = { RemoteCertificateValidationCallback = AnyCertificate },
#pragma warning restore CA5359
        });
        Grpc = new GrpcChannel(BaseAddress, invoker, new GrpcChannelOptions { ApiToken = options.AppApiToken, MaxReceiveMessageSize = (int)Math.Min(options.MaxBodySize, int.MaxValue) });
    }

    /// <summary>False when the sidecar has no app port: then nothing may be sent.</summary>
    public bool Exists => options.AppPort > 0;

    public Uri BaseAddress { get; }

    /// <summary>Scheme, host and port, without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>Calls to an app that speaks gRPC; they carry the app's token.</summary>
    public GrpcChannel Grpc { get; }

    public Version HttpVersion => options.AppProtocol is AppProtocol.Http or AppProtocol.Https ? System.Net.HttpVersion.Version11 : System.Net.HttpVersion.Version20;

    public bool IsGrpc => options.AppProtocol is AppProtocol.Grpc or AppProtocol.Grpcs;

    /// <summary>The connection pool to the app; use it directly only for a gRPC channel, everything else goes through <see cref="SendAsync"/>.</summary>
    public HttpMessageInvoker Invoker => invoker;

    /// <summary>Told of each answer: request, status, time to the headers.</summary>
    public Action<HttpRequestMessage, int, TimeSpan>? Answered { get; set; }

    /// <summary>True once the port was seen open and, with app health checks on, while probes succeed.</summary>
    public bool IsHealthy => healthy;

    /// <summary>Raised on each change of <see cref="IsHealthy"/>, one at a time.</summary>
    public event Func<bool, Task>? HealthChanged;

    /// <summary>
    /// Sends one HTTP request to the app with its token, within the concurrency limit, and returns when the headers are there.
    /// </summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var place = await EnterAsync(cancellation);
        return await SendPlacedAsync(request, cancellation);
    }

    /// <summary>The same for a caller that holds a place of its own, until the answer's body is read.</summary>
    public async Task<HttpResponseMessage> SendPlacedAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (options.AppApiToken is { Length: > 0 } token)
        {
            request.Headers.Remove("dapr-api-token");
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }
        var started = Stopwatch.GetTimestamp();
        var response = await invoker.SendAsync(request, cancellation);
        Answered?.Invoke(request, (int)response.StatusCode, Stopwatch.GetElapsedTime(started));
        return response;
    }

    /// <summary>A place among <c>--app-max-concurrency</c> calls; dispose of it when the call is over.</summary>
    public async ValueTask<Place> EnterAsync(CancellationToken cancellation)
    {
        if (concurrency is not null)
            await concurrency.WaitAsync(cancellation);
        return new Place(concurrency);
    }

    /// <summary>One health probe: GET of the path, 2xx is healthy; of a gRPC app, AppCallbackHealthCheck.</summary>
    public async Task<bool> ProbeAsync(string path, CancellationToken cancellation)
    {
        if (IsGrpc)
        {
            await Grpc.UnaryAsync(AppCallbackMethods.HealthCheck, new Empty(), new CallOptions { CancellationToken = cancellation });
            return true;
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(BaseAddress, path));
        using var response = await SendAsync(request, cancellation);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Waits until the app accepts connections: dials every 100 ms, for ever.</summary>
    public async Task WaitForPortAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            using var dial = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            dial.CancelAfter(TimeSpan.FromMilliseconds(500));
            try
            {
                await socket.ConnectAsync(BaseAddress.Host, BaseAddress.Port, dial.Token);
                return;
            }
            catch (Exception failure) when (failure is SocketException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    public async Task SetHealthAsync(bool value)
    {
        if (healthy == value)
            return;
        healthy = value;
        foreach (var listener in HealthChanged?.GetInvocationList() ?? [])
            await ((Func<bool, Task>)listener)(value);
    }

    public ValueTask DisposeAsync()
    {
        invoker.Dispose();
        concurrency?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Dapr 1.18 does not check the app's certificate with --app-protocol https or grpcs: it is on the same host, often self-signed.</summary>
    private static bool AnyCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    public readonly struct Place(SemaphoreSlim? semaphore) : IDisposable
    {
        public void Dispose() => semaphore?.Release();
    }
}
