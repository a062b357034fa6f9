using System.Globalization;

namespace LocalDapr.Runtime.Hosting;

/// <summary>Names the process that listens on a TCP port, where the system tells (Linux: /proc).</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>" by PID (NAME)", or "" when nothing can be found out.</summary>
    public static string Describe(int port)
    {
        try
        {
            var inode = File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(f => f.Length > 9 && f[3] == Listening && f[1].EndsWith(":" + port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal))?[9];
            if (inode is null)
                return "";
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
            {
                if (Holds(process, $"socket:[{inode}]"))
                    return $" by process {Path.GetFileName(process)} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})";
            }
        }
        catch (IOException)
        {
        }
        return "";
    }

    private static bool Holds(string process, string socket)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(fd => new FileInfo(fd).LinkTarget == socket);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
