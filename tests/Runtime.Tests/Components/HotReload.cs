using System.Net;
using System.Net.Http.Json;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Components;

public sealed class HotReload : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_component_file_that_is_added_changed_or_removed_counts_at_once_for_every_sidecar_of_the_folder()
    {
        await using var runtime = TestSidecar.CreateRuntime(folder, Backends.Declared);
        await using var one = await StartAsync(runtime, "one");
        await using var two = await StartAsync(runtime, "two");

        await WriteAsync("late.yaml", Yaml.Component("late", "state.in-memory"));
        await Eventually.TrueAsync(() => KnowsAsync(one, "late"));
        await Eventually.TrueAsync(() => KnowsAsync(two, "late"));
        (await one.Http.PostAsJsonAsync("v1.0/state/late", new[] { new { key = "k", value = 1 } })).EnsureSuccessStatusCode();

        await WriteAsync("late.yaml", Yaml.Component("late", "state.in-memory", ("keyPrefix", "none")));
        await Eventually.TrueAsync(async () => (await one.Http.GetAsync("v1.0/state/late/k")).StatusCode == HttpStatusCode.NoContent);

        File.Delete(Path.Combine(Resources, "late.yaml"));
        await Eventually.TrueAsync(async () => !await KnowsAsync(one, "late") && !await KnowsAsync(two, "late"));
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_leaves_everything_else_as_it_was()
    {
        await using var runtime = TestSidecar.CreateRuntime(folder, Backends.Declared);
        await using var sidecar = await StartAsync(runtime, "one");
        await WriteAsync("first.yaml", Yaml.Component("first", "state.in-memory"));
        await Eventually.TrueAsync(() => KnowsAsync(sidecar, "first"));

        await WriteAsync("bad.yaml", "kind: Component\n  broken");
        await WriteAsync("wrong.yaml", Yaml.Component("wrong", "bindings.cron", ("schedule", "never"), ("direction", "input")));
        File.Delete(Path.Combine(Resources, "bad.yaml"));
        await WriteAsync("second.yaml", Yaml.Component("second", "state.in-memory"));

        await Eventually.TrueAsync(() => KnowsAsync(sidecar, "second"));
        Assert.True(await KnowsAsync(sidecar, "first"));
    }

    private string Resources => Directory.CreateDirectory(folder.File("resources")).FullName;

    private Task<TestSidecar> StartAsync(LocalRuntime runtime, string appId) =>
        TestSidecar.StartAsync(folder, [], runtime: runtime, configure: o => o with { AppId = appId, ResourcesPaths = [Resources] });

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(Resources, name), text);

    private static async Task<bool> KnowsAsync(TestSidecar sidecar, string store) =>
        (await sidecar.Http.GetAsync($"v1.0/state/{store}/x")).StatusCode == HttpStatusCode.NoContent;
}
