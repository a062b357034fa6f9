namespace LocalDapr.Runtime.Cli.Run;

/// <summary>
/// The folder of the embedded engine and of the apps' own files: <c>.dapr/local</c> beside the run file. One runtime at a time, held by a lock on a file;
/// the format is versioned and other versions are refused.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string Version = "1";

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

    public static DataFolder Temporary() => Open(Directory.CreateTempSubdirectory("dapr-").FullName, temporary: true);

    /// <exception cref="IOException">Another runtime holds the folder, or its data is of another version.</exception>
    public static DataFolder Open(string path, bool temporary = false)
    {
        Directory.CreateDirectory(path);
        FileStream held;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var holder = RunState.Read(path)?.Runtime.Pid;
            throw new IOException($"{path} is in use by another runtime{(holder is null ? "" : $" (process {holder})")}. Stop it with `./dapr stop`, or choose another folder with --data-dir.");
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

    /// <summary>The folder of one app's own files, created.</summary>
    public string ForApp(string appId) => Directory.CreateDirectory(System.IO.Path.Combine(Path, "apps", appId)).FullName;

    public void Dispose()
    {
        held.Dispose();
        if (temporary)
            Directory.Delete(Path, recursive: true);
    }
}
