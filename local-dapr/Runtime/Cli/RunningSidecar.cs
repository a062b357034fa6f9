using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Cli;

/// <summary>The sidecar of an app that runs on a data folder, as the commands for people call it.</summary>
internal sealed class RunningSidecar : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private RunningSidecar(RunningApp app, string apiToken)
    {
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.HttpPort}/") };
        Http.DefaultRequestHeaders.Add("dapr-api-token", apiToken);
        Grpc = new GrpcChannel(new Uri($"http://127.0.0.1:{app.GrpcPort}"), options: new GrpcChannelOptions { ApiToken = apiToken, MaxReceiveMessageSize = null });
    }

    public HttpClient Http { get; }

    public GrpcChannel Grpc { get; }

    /// <param name="appId">Null: the only app there is.</param>
    /// <exception cref="IOException">Nothing runs on the folder, or not this app.</exception>
    public static async Task<RunningSidecar> FindAsync(string dataFolder, string? appId, CancellationToken cancellation)
    {
        var state = RunState.Read(dataFolder);
        using var runtime = state?.Runtime.Find();
        if (runtime is null)
            throw new IOException($"nothing runs on {dataFolder}. Start it with `./dapr run -f .`, or name another folder with --data-dir.");
        var ids = string.Join(", ", state!.Apps.Select(app => app.AppId).Distinct());
        if (appId is null && state.Apps.Count != 1)
            throw new IOException($"--app-id is needed where several apps run: {ids}");
        var app = state.Apps.FirstOrDefault(app => appId is null || app.AppId == appId) ?? throw new IOException($"no app `{appId}` runs here. There are: {ids}");
        await using var pipe = await ControlPipe.ConnectAsync(dataFolder, Patience, cancellation);
        await pipe.WriteAsync(new ControlRequest(), cancellation);
        var answer = await pipe.ReadAsync<ControlAnswer>(cancellation) ?? throw new IOException($"the runtime of {dataFolder} ended");
        return new RunningSidecar(app, answer.ApiToken!);
    }

    /// <summary>Sends, and gives the answer's body.</summary>
    /// <exception cref="IOException">The answer is an error: status and body in one line.</exception>
    public async Task<string> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            using var response = await Http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? body : throw new IOException($"{(int)response.StatusCode} {response.ReasonPhrase}: {body.ReplaceLineEndings(" ")}");
        }
        catch (HttpRequestException failure)
        {
            throw new IOException($"the sidecar does not answer: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        Grpc.Dispose();
    }
}
