using System.IO.Pipes;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>What another process asks of a runtime: apps to join with, or, with none, the API token.</summary>
internal sealed record ControlRequest(RunFile? Join = null);

/// <summary>The answer: an error, or what was asked for.</summary>
internal sealed record ControlAnswer(string? Error = null, string? ApiToken = null, IReadOnlyList<JoinedApp>? Apps = null);

/// <summary>An app that joined: the ports of its sidecar, and what its process is to be started with.</summary>
internal sealed record JoinedApp(int HttpPort, int GrpcPort, IReadOnlyDictionary<string, string> Environment);

/// <summary>Said by the runtime once all apps that joined are healthy.</summary>
internal sealed record JoinedReady;

/// <summary>Said by the run that joined: a process was started.</summary>
/// <param name="App">Index among the apps that joined.</param>
internal sealed record StartedProcess(int App, RecordedProcess? Process);

/// <summary>
/// The named pipe of a data folder, for processes of the same user only: lines of JSON. An app that joined lives as long as its connection, so a run that
/// is killed leaves nothing behind.
/// </summary>
internal sealed class ControlPipe(PipeStream stream) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    private readonly StreamReader reader = new(stream);
    private readonly StreamWriter writer = new(stream) { AutoFlush = true };

    /// <summary>Waits for the next other process.</summary>
    /// <returns>Null: it was another user's, and was turned away.</returns>
    public static async Task<ControlPipe?> AcceptAsync(string dataFolder, CancellationToken cancellation)
    {
        var pipe = new NamedPipeServerStream(NameOf(dataFolder), PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.WaitForConnectionAsync(cancellation);
            return new ControlPipe(pipe);
        }
        catch (Exception failure)
        {
            await pipe.DisposeAsync();
            if (failure is UnauthorizedAccessException)
                return null;
            throw;
        }
    }

    /// <exception cref="IOException">Nobody listens within <paramref name="patience"/>.</exception>
    public static async Task<ControlPipe> ConnectAsync(string dataFolder, TimeSpan patience, CancellationToken cancellation)
    {
        var pipe = new NamedPipeClientStream(".", NameOf(dataFolder), PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.ConnectAsync(patience, cancellation);
            return new ControlPipe(pipe);
        }
        catch (Exception failure)
        {
            await pipe.DisposeAsync();
            throw failure is TimeoutException ? new IOException($"the runtime of {dataFolder} does not answer") : failure;
        }
    }

    public Task WriteAsync<T>(T message, CancellationToken cancellation) => writer.WriteLineAsync(JsonSerializer.Serialize(message, Json).AsMemory(), cancellation);

    /// <returns>Null when the other side has gone.</returns>
    /// <exception cref="JsonException">It says something else.</exception>
    public async Task<T?> ReadAsync<T>(CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await reader.ReadLineAsync(cancellation) is { } line ? JsonSerializer.Deserialize<T>(line, Json) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <summary>Pipes have short names, folders may not.</summary>
    private static string NameOf(string dataFolder) => "dapr-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(dataFolder))))[..24];
}
