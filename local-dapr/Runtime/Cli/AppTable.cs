using System.Globalization;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Cli;

/// <summary>The table of apps that run and list print.</summary>
internal static class AppTable
{
    public static string Render(IReadOnlyList<RunningApp> apps) => "\n" + Table.Render(
        ["APP ID", "URL", "DAPR HTTP", "DAPR GRPC", "PID"],
        apps.Select(a => (string[])
        [
            a.AppId,
            a.AppPort > 0 ? $"http://localhost:{a.AppPort}" : "-",
            a.HttpPort.ToString(CultureInfo.InvariantCulture),
            a.GrpcPort.ToString(CultureInfo.InvariantCulture),
            a.Process?.Pid.ToString(CultureInfo.InvariantCulture) ?? "-",
        ])) + "\n";
}
