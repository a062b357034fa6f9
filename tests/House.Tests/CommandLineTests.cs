using System.Diagnostics;

namespace Quayside.House.Tests;

/// <summary>The run command on mistakes, and its end.</summary>
public sealed class CommandLineTests
{
    private const string Component = "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: store\nspec:\n  type: TYPE\n  version: v1\n";

    [Theory]
    [InlineData("version: 1\napps:\n  - appDirPath: ./nowhere\n", "dapr.yaml:3: ")]
    [InlineData("apps:\n  - appDirPath: .\n", "dapr.yaml:1: `version` is missing")]
    [InlineData("apps: []\nversion: zero\n", "dapr.yaml:2: `version` is not a number above 0")]
    [InlineData("version: 1\napps: []\n", "dapr.yaml:2: `apps` lists no app")]
    [InlineData("version: 1\napps:\n  - appDirPath: .\n    appPort: many\n", "dapr.yaml:4: `appPort: many`")]
    [InlineData("version: 1\napps:\n  - appDirPath: .\n    command: dotnet run\n", "dapr.yaml:4: `command` is not a list")]
    [InlineData("version: 1\napps:\n  - appDirPath: .\n    command: [\"no-such-program-here\"]\n", "cannot be found")]
    [InlineData("version: 1\n  apps: [\n", "dapr.yaml:2: not valid YAML")]
    public async Task A_bad_run_file_is_one_line_with_file_line_and_cure(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("dapr.yaml", text);
        await RefusedAsync(folder, expected);
    }

    [Theory]
    [InlineData("state.rediss", "did you mean `state.redis`?")]
    [InlineData("secretstores.hashicorp.vault", "is not served by this runtime")]
    public async Task A_bad_component_is_one_line_with_file_line_and_cure(string type, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("dapr.yaml", "version: 1\ncommon:\n  resourcesPath: ./resources\napps:\n  - appID: a\n    appDirPath: .\n    command: [\"sleep\", \"600\"]\n");
        folder.Write("resources/store.yaml", Component.Replace("TYPE", type, StringComparison.Ordinal));
        var said = await RefusedAsync(folder, expected);
        Assert.Contains("store.yaml:6: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_names_its_holder()
    {
        using var folder = new TemporaryFolder();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        folder.Write("dapr.yaml", $"version: 1\napps:\n  - appID: a\n    appDirPath: .\n    appPort: {port}\n    command: [\"sleep\", \"600\"]\n");
        await RefusedAsync(folder, $"port {port} (appPort of a) is in use by process {Environment.ProcessId}");
    }

    [Fact]
    public async Task Stopping_leaves_no_process_behind()
    {
        await using var house = await House.StartAsync();
        var pids = house.Pids();
        Assert.Equal(10, pids.Count);

        Assert.Equal(0, await house.StopAsync());

        Assert.All(pids.Values, pid => Assert.False(IsAlive(pid)));
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static async Task<string> RefusedAsync(TemporaryFolder folder, string expected)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [House.RuntimeDll, "run", "-f", folder.Path]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string said;
        try
        {
            said = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
            await process.WaitForExitAsync();
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.Equal(1, process.ExitCode);
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'));
        return said;
    }
}
