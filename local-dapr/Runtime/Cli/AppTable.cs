using System.Globalization;
using System.Text;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Cli;

/// <summary>The table of apps that run and list print.</summary>
internal static class AppTable
{
    public static string Render(IReadOnlyList<RunningApp> apps)
    {
        var rows = apps.Select(a => new[]
        {
            a.AppId,
            a.AppPort > 0 ? $"http://localhost:{a.AppPort}" : "-",
            a.HttpPort.ToString(CultureInfo.InvariantCulture),
            a.GrpcPort.ToString(CultureInfo.InvariantCulture),
            a.Process?.Pid.ToString(CultureInfo.InvariantCulture) ?? "-",
        }).Prepend(["APP ID", "URL", "DAPR HTTP", "DAPR GRPC", "PID"]).ToArray();
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length) + 2).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
            text.AppendLine().AppendJoin("", row.Select((cell, c) => cell.PadRight(widths[c])));
        return text.AppendLine().ToString();
    }
}
