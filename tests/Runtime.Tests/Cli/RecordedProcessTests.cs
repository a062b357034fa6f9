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

    /// <summary>The first thread of a killed process is often the first to end; the ports are free with the last.</summary>
    [Theory]
    [InlineData("Z", 9, false)]
    [InlineData("Z", 1, true)]
    [InlineData("S", 1, false)]
    public void A_process_has_ended_with_its_last_thread(string state, int threads, bool ended) =>
        Assert.Equal(ended, RecordedProcess.HasEnded($"42 (a) b) {state} 1 42 42 0 -1 4194304 10 0 0 0 5 6 0 0 20 0 {threads} 0 12345"));
}
