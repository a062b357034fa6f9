using System.Security.Cryptography;
using System.Text;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>
/// The folder of the embedded engine and of the apps' own files: <c>.dapr/local</c> beside the run file. One runtime at a time, held by a lock on a file;
/// the format is versioned and other versions are refused.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string Version = "1";
    private const string ResourcesFile = "resources";
    private const string TemporaryPrefix = "dapr-local-";
    private static readonly TimeSpan SurelyStarted = TimeSpan.FromMinutes(1);

    private readonly FileStream held;
    private readonly bool temporary;

    private DataFolder(string path, FileStream held, bool temporary)
    {
        Path = path;
        this.held = held;
        this.temporary = temporary;
    }

    public string Path { get; }

    public static string Default(string runFolder) => System.IO.Path.Combine(runFolder, ".dapr", "local");

    /// <summary>A folder that goes with the process; those of processes that were killed go now.</summary>
    public static DataFolder Temporary()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), TemporaryPrefix + "*"))
            DeleteUnlessHeld(folder);
        return TryOpen(Directory.CreateTempSubdirectory(TemporaryPrefix).FullName, temporary: true)!;
    }

    /// <summary>
    /// What outlives a sidecar that was given no data folder: the jobs of an app id with these resources, in <c>.dapr/local/jobs</c> of the user's home. Those of
    /// resources that are gone go now.
    /// </summary>
    /// <returns>Null without a home that can be written to, or when another sidecar of the same app has it: its jobs go with the process.</returns>
    public static DataFolder? ForJobs(string home, SidecarOptions sidecar)
    {
        if (home.Length == 0)
            return null;
        var resources = sidecar.ResourcesPaths.Select(System.IO.Path.GetFullPath).ToArray();
        var key = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [sidecar.Namespace, sidecar.AppId, .. resources])));
        try
        {
            var root = Directory.CreateDirectory(System.IO.Path.Combine(home, ".dapr", "local", "jobs"));
            foreach (var folder in root.EnumerateDirectories().Where(IsForlorn))
                DeleteUnlessHeld(folder.FullName);
            var own = TryOpen(System.IO.Path.Combine(root.FullName, Convert.ToHexStringLower(key)[..24]));
            if (own is not null)
                File.WriteAllLines(System.IO.Path.Combine(own.Path, ResourcesFile), resources);
            return own;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">Another runtime holds the folder, or its data is of another version.</exception>
    public static DataFolder Open(string path) => TryOpen(path)
        ?? throw new IOException($"{path} is in use by another runtime{(RunState.Read(path) is { } state ? $" (process {state.Runtime.Pid})" : "")}. Stop it with `./dapr stop`, or choose another folder with --data-dir.");

    /// <returns>Null when another runtime holds the folder.</returns>
    /// <exception cref="IOException">Its data is of another version.</exception>
    public static DataFolder? TryOpen(string path) => TryOpen(path, temporary: false);

    private static DataFolder? TryOpen(string path, bool temporary)
    {
        Directory.CreateDirectory(path);
        FileStream held;
        try
        {
            held = Hold(path, FileMode.OpenOrCreate);
        }
        catch (IOException)
        {
            return null;
        }
        var versionFile = System.IO.Path.Combine(path, "version");
        if (!File.Exists(versionFile))
            File.WriteAllText(versionFile, Version);
        else if (File.ReadAllText(versionFile) is var found && found != Version)
        {
            held.Dispose();
            throw new IOException($"{path} holds data of version {found}, this runtime writes version {Version}. Wipe it with `./dapr reset`.");
        }
        return new DataFolder(path, held, temporary);
    }

    private static bool IsForlorn(DirectoryInfo jobs)
    {
        var list = new FileInfo(System.IO.Path.Combine(jobs.FullName, ResourcesFile));
        return list is { Exists: true, Length: > 0 } && File.ReadLines(list.FullName).All(path => !System.IO.Path.Exists(path));
    }

    private static FileStream Hold(string path, FileMode mode) => new(System.IO.Path.Combine(path, "lock"), mode, FileAccess.ReadWrite, FileShare.None);

    private static void DeleteUnlessHeld(string path)
    {
        try
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) < SurelyStarted)
                return;
            using (Hold(path, FileMode.Open))
                Directory.Delete(path, recursive: true);
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            // Its process lives, or it is another user's.
        }
    }

    /// <summary>The folder of one app's own files, created.</summary>
    public string ForApp(string appId) => Directory.CreateDirectory(System.IO.Path.Combine(Path, "apps", appId)).FullName;

    public void Dispose()
    {
        held.Dispose();
        if (temporary)
            Directory.Delete(Path, recursive: true);
    }
}
