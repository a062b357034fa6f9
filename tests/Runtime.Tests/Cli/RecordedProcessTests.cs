using System.Diagnostics;
using System.Globalization;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Tests.Cli;

public sealed class RecordedProcessTests
{
    /// <summary>Where no init process collects the dead at once, waiting for their parent would hold up the next run.</summary>
    [Fact]
    public async Task A_process_that_its_parent_has_not_collected_counts_as_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        // The shell becomes a sleep, which never collects the child that it inherits.
        using var parent = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"]) { RedirectStandardOutput = true })!;
        try
        {
            using var child = Process.GetProcessById(int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture));
            var recorded = new RecordedProcess(child.Id, child.StartTime.ToUniversalTime());
            Assert.NotNull(recorded.Find());
            child.Kill();
            await Eventually.TrueAsync(() => RecordedProcess.HasEnded(child));
            Assert.Null(recorded.Find());
        }
        finally
        {
            parent.Kill();
        }
    }
}
