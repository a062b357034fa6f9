using LocalDapr.Runtime.Cli.Run;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Cli;

public sealed class DataFolderTests
{
    [Fact]
    public void A_temporary_folder_goes_with_its_process_and_those_of_killed_ones_with_the_next()
    {
        var old = Directory.CreateTempSubdirectory("dapr-local-").FullName;
        File.WriteAllText(Path.Combine(old, "lock"), "");
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddMinutes(-5));
        string first;
        using (var living = DataFolder.Temporary())
        {
            first = living.Path;
            Directory.SetLastWriteTimeUtc(first, DateTime.UtcNow.AddMinutes(-5));
            Assert.False(Directory.Exists(old));
            using (DataFolder.Temporary())
                Assert.True(Directory.Exists(first));
        }
        Assert.False(Directory.Exists(first));
    }

    [Fact]
    public void The_folder_for_jobs_is_the_apps_own_stays_and_goes_with_its_resources()
    {
        using var home = new TempFolder();
        var resources = Directory.CreateDirectory(home.File("resources")).FullName;
        var (one, other) = (new SidecarOptions { AppId = "one", ResourcesPaths = [resources] }, new SidecarOptions { AppId = "other", ResourcesPaths = [resources] });
        string path;
        using (var first = DataFolder.ForJobs(home.Path, one)!)
        {
            path = first.Path;
            File.WriteAllText(Path.Combine(path, "kept"), "");
            Assert.Null(DataFolder.ForJobs(home.Path, one));
            using var another = DataFolder.ForJobs(home.Path, other);
            Assert.NotEqual(path, another!.Path);
        }
        using (var again = DataFolder.ForJobs(home.Path, one)!)
            Assert.True(File.Exists(Path.Combine(again.Path, "kept")));

        Directory.Delete(resources);
        Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-5));
        using (DataFolder.ForJobs(home.Path, new SidecarOptions { AppId = "third" }))
            Assert.False(Directory.Exists(path));
        Assert.Null(DataFolder.ForJobs("", one));
        Assert.Null(DataFolder.ForJobs("/proc/nowhere", one));
    }
}
