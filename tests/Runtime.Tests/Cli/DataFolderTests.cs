using LocalDapr.Runtime.Cli.Run;

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
}
