using LocalDapr.Runtime.Cli;

namespace LocalDapr.Runtime.Tests.Cli;

public sealed class SidecarFlagsTests
{
    [Theory]
    [InlineData(2, "--no-such-flag=1")]
    [InlineData(2, "--scheduler-host-address=", "--no-such-flag=1")]
    [InlineData(2, "--app-protocol=smoke")]
    [InlineData(2, "--max-body-size=4Q")]
    [InlineData(2, "--dapr-block-shutdown-duration=soon")]
    [InlineData(2, "--app-port=")]
    [InlineData(1, "--embedded-faults=smoke")]
    [InlineData(1, "--config=/no/such/file.yaml")]
    public async Task A_flag_or_value_that_daprd_does_not_have_ends_before_anything_starts(int exit, params string[] flags) =>
        Assert.Equal(exit, await DaprCommand.RunAsync(["sidecar", "--app-id=x", .. flags]));

    [Fact]
    public async Task An_empty_value_is_none_and_takes_no_other_argument_with_it()
    {
        using var folder = new TempFolder();
        using var sidecar = await SidecarProcess.StartAsync(
            folder, "--placement-host-address=", "--config=", "--dapr-block-shutdown-duration=", "-enable-mtls=false", "--mode", "standalone", "--scheduler-host-address=");
        using var http = new HttpClient();
        Assert.Contains("\"id\":\"myapp\"", await http.GetStringAsync(new Uri($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/metadata"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
