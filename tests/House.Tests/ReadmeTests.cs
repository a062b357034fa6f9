using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Quayside.House.Tests;

/// <summary>The README's curl lines work as printed.</summary>
public sealed partial class ReadmeTests(KindHouse house) : IClassFixture<KindHouse>
{
    [Fact]
    public async Task The_curl_lines_of_the_readme_show_an_order_shipped_one_declined_and_one_refunded()
    {
        var script = CurlBlock().Match(await File.ReadAllTextAsync(Path.Combine(House.Root, "README.md"))).Groups[1].Value;
        Assert.Contains("place tok_ok", script, StringComparison.Ordinal);
        script = script.Replace("localhost:8080", $"localhost:{house.House.GatewayPort}", StringComparison.Ordinal)
            + "\necho; echo ORDER=$ORDER DECLINED=$DECLINED REFUSED=$REFUSED\n";

        using var bash = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { RedirectStandardOutput = true })!;
        var said = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal(0, bash.ExitCode);
        var ids = PlacedIds().Match(said);
        Assert.True(ids.Success, said);
        Assert.Equal("shipped", (await house.Demo.FinalAsync(ids.Groups[1].Value)).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await house.Demo.FinalAsync(ids.Groups[2].Value)).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await house.Demo.FinalAsync(ids.Groups[3].Value)).GetProperty("status").GetString());
        Assert.Contains("\"balanced\":", said, StringComparison.Ordinal);
        Assert.Contains("{\"status\":\"completed\"}", said, StringComparison.Ordinal);
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CurlBlock();

    [GeneratedRegex("ORDER=([0-9a-f-]{36}) DECLINED=([0-9a-f-]{36}) REFUSED=([0-9a-f-]{36})")]
    private static partial Regex PlacedIds();
}
