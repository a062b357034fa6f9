using System.Diagnostics;
using System.Globalization;
using System.Net;
using LocalDapr.Runtime.Hosting;
using Quayside.Servers;

namespace LocalDapr.Runtime.Tests;

/// <summary>A sidecar with embedded backends in a process of its own, to be killed.</summary>
internal sealed class SidecarProcess : IDisposable
{
    private readonly Process process;

    private SidecarProcess(Process process, int httpPort, int grpcPort) => (this.process, HttpPort, GrpcPort) = (process, httpPort, grpcPort);

    public int HttpPort { get; }

    public int GrpcPort { get; }

    /// <summary>Resources and data lie in the folder; a second start finds the data of the first.</summary>
    public static async Task<SidecarProcess> StartAsync(TempFolder folder, params string[] more)
    {
        var (httpPort, grpcPort) = (Ports.Free(), Ports.Free());
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[
            typeof(Sidecar).Assembly.Location, "sidecar", "--app-id", "myapp", "--backends", "embedded", "--data-dir", folder.File("data"), "--resources-path", folder.Path,
            "--dapr-http-port", httpPort.ToString(CultureInfo.InvariantCulture), "--dapr-grpc-port", grpcPort.ToString(CultureInfo.InvariantCulture), "--metrics-port", "0", .. more])
            start.ArgumentList.Add(argument);
        var output = new System.Text.StringBuilder();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            Assert.False(process.HasExited, $"the sidecar ended: {output}");
            try
            {
                return (await http.GetAsync(new Uri($"http://127.0.0.1:{httpPort}/v1.0/healthz"))).StatusCode == HttpStatusCode.NoContent;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return new SidecarProcess(process, httpPort, grpcPort);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}
