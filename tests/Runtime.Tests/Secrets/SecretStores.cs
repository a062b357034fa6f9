using System.Net;
using System.Text.Json.Nodes;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Tests.Secrets;

public sealed class SecretStores : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_environment_store_gives_variables_without_its_prefix_and_never_the_runtimes_own()
    {
        Environment.SetEnvironmentVariable("SECRETTEST_COLOUR", "blue");
        Environment.SetEnvironmentVariable("DAPR_SECRETTEST", "hidden");
        await using var sidecar = await TestSidecar.StartAsync(folder, [
            Yaml.Component("prefixed", "secretstores.local.env", ("prefix", "SECRETTEST_")),
            Yaml.Component("all", "secretstores.local.env"),
        ]);

        Assert.Equal("""{"COLOUR":"blue"}""", await sidecar.Http.GetStringAsync("v1.0/secrets/prefixed/COLOUR"));
        Assert.Equal("""{"COLOUR":{"COLOUR":"blue"}}""", await sidecar.Http.GetStringAsync("v1.0/secrets/prefixed/bulk"));
        Assert.Equal("""{"DAPR_SECRETTEST":""}""", await sidecar.Http.GetStringAsync("v1.0/secrets/all/DAPR_SECRETTEST"));
        Assert.DoesNotContain("hidden", await sidecar.Http.GetStringAsync("v1.0/secrets/all/bulk"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Backends.Declared)]
    [InlineData(Backends.Embedded)]
    public async Task Another_secret_store_is_refused_with_file_line_and_cure(Backends backends)
    {
        var refused = await Assert.ThrowsAsync<ResourceException>(() =>
            TestSidecar.StartAsync(folder, [Yaml.Component("vault", "secretstores.hashicorp.vault")], backends));

        Assert.Equal(6, refused.Line);
        Assert.Contains("secretstores.local.file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_and_booleans_in_the_file_are_their_own_text_and_the_path_starts_at_the_app()
    {
        await File.WriteAllTextAsync(folder.File("secrets.json"), """{"n": 12.50, "t": true, "deep": {"list": [1, {"x": null}]}}""");
        await using var sidecar = await TestSidecar.StartAsync(folder, [Yaml.Component("vault", "secretstores.local.file", ("secretsFile", "secrets.json"), ("nestedSeparator", "/"))]);

        var all = JsonNode.Parse(await sidecar.Http.GetStringAsync("v1.0/secrets/vault/bulk"));
        Assert.Equal("""{"n":{"n":"12.50"},"t":{"t":"true"},"deep/list/0":{"deep/list/0":"1"},"deep/list/1/x":{"deep/list/1/x":""}}""", all!.ToJsonString());
    }

    [Fact]
    public async Task A_component_whose_secret_is_missing_ends_the_start_and_one_without_its_store_is_left_out()
    {
        await File.WriteAllTextAsync(folder.File("secrets.json"), "{}");
        const string Web = """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: second}
            spec:
              type: secretstores.local.env
              version: v1
              metadata:
              - name: prefix
                secretKeyRef: {name: absent, key: absent}
            auth: {secretStore: vault}
            """;
        var vault = Yaml.Component("vault", "secretstores.local.file", ("secretsFile", "secrets.json"));

        var refused = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartAsync(folder, [vault, Web]));
        Assert.Contains("absent", refused.Message, StringComparison.Ordinal);

        await using var sidecar = await TestSidecar.StartAsync(folder, [Web]);
        Assert.Equal(HttpStatusCode.InternalServerError, (await sidecar.Http.GetAsync("v1.0/secrets/second/x")).StatusCode);
    }
}
