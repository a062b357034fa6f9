using System.Diagnostics;
using System.Text;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>
/// Builds the apps of a run file once, in Release, when a source is newer than the last build. An app is built when its command is
/// <c>dotnet SOMETHING.dll</c> and its folder holds one project; anything else is the user's own business.
/// </summary>
internal static class BuildStep
{
    private static readonly string[] Sources = [".cs", ".csproj", ".props", ".targets", ".proto", ".json", ".razor"];
    private static readonly string[] Skipped = ["artifacts", "bin", "obj", "node_modules", ".git", ".dapr", "tests"];

    /// <returns>False when the build failed; its errors are printed.</returns>
    public static async Task<bool> RunAsync(RunFile file, Action<string> say, CancellationToken cancellation)
    {
        var projects = file.Apps.Select(Project).OfType<string>().Distinct().ToArray();
        var stamp = Path.Combine(file.Folder, ".dapr", "built");
        if (projects.Length == 0 || IsUpToDate(file, stamp))
            return true;
        say($"building {projects.Length} apps (first run, or sources have changed)");
        var started = DateTime.UtcNow;
        var solution = Path.Combine(Directory.CreateDirectory(Path.GetDirectoryName(stamp)!).FullName, "apps.slnx");
        await File.WriteAllTextAsync(solution, $"<Solution>\n{string.Join('\n', projects.Select(p => $"  <Project Path=\"{p}\" />"))}\n</Solution>\n", cancellation);
        if (!await BuildAsync(solution, file.Folder, projects, say, cancellation))
            return false;
        await File.WriteAllTextAsync(stamp, "", cancellation);
        File.SetLastWriteTimeUtc(stamp, started);
        return true;
    }

    private static async Task<bool> BuildAsync(string solution, string folder, string[] projects, Action<string> say, CancellationToken cancellation)
    {
        var built = 0;
        var names = projects.Select(Path.GetFileNameWithoutExtension).ToHashSet();
        var errors = new StringBuilder();
        // A project that a solution does not list is built in its default configuration, Debug, unless the last property says otherwise.
        await using var build = AppProcess.Start(
            ["dotnet", "build", solution, "--configuration", "Release", "--nologo", "--verbosity", "minimal", "--tl:off", "-p:RunAnalyzers=false", "-p:ShouldUnsetParentConfigurationAndPlatform=false"],
            folder,
            [],
            line =>
            {
                var arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
                if (arrow > 0 && names.Contains(line[..arrow].Trim()))
                    say($"built {line[..arrow].Trim()} ({Interlocked.Increment(ref built)} of {projects.Length})");
                else if (line.Contains("error ", StringComparison.Ordinal))
                    lock (errors)
                        errors.AppendLine(line.Trim());
            });
        await using var stop = cancellation.Register(() => _ = build.StopAsync());
        if (await build.WaitAsync() == 0)
            return true;
        await Console.Error.WriteAsync(errors.Length > 0 ? errors.ToString() : "the build failed; run `dotnet build` to see why\n");
        return false;
    }

    private static string? Project(AppSpec app) =>
        app.Command is ["dotnet", var program, ..] && program.EndsWith(".dll", StringComparison.Ordinal) && Directory.GetFiles(app.Folder, "*.csproj") is [var project]
        && program.Contains("release", StringComparison.OrdinalIgnoreCase)
            ? project
            : null;

    private static bool IsUpToDate(RunFile file, string stamp)
    {
        if (!File.Exists(stamp) || file.Apps.Any(a => Project(a) is not null && !File.Exists(Path.Combine(a.Folder, a.Command[1]))))
            return false;
        var builtAt = File.GetLastWriteTimeUtc(stamp);
        return !NewerThan(new DirectoryInfo(file.Folder), builtAt);
    }

    private static bool NewerThan(DirectoryInfo folder, DateTime time)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo inner ? !Skipped.Contains(inner.Name) && NewerThan(inner, time) : Sources.Contains(entry.Extension) && entry.LastWriteTimeUtc > time)
                return true;
        }
        return false;
    }
}
