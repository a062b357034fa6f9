using System.Net.Http.Json;
using System.Text;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Tests.State;

public sealed class Encryption : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Values_lie_encrypted_in_the_store_and_are_read_with_the_old_key_after_a_change_of_keys()
    {
        await File.WriteAllTextAsync(folder.File("secrets.json"), """{"old": "000102030405060708090a0b0c0d0e0f", "new": "101112131415161718191a1b1c1d1e1f101112131415161718191a1b1c1d1e1f"}""");
        await using (var first = await StartAsync(Key("primaryEncryptionKey", "old")))
        {
            (await first.Http.PostAsJsonAsync("v1.0/state/store", new[] { new { key = "k", value = new { secret = "plain" } } })).EnsureSuccessStatusCode();
            Assert.Equal("""{"secret":"plain"}""", await first.Http.GetStringAsync("v1.0/state/store/k"));
        }
        var stored = await StoredAsync();
        Assert.EndsWith("||old", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("plain", stored, StringComparison.Ordinal);

        await using var second = await StartAsync(Key("primaryEncryptionKey", "new"), Key("secondaryEncryptionKey", "old"));
        Assert.Equal("""{"secret":"plain"}""", await second.Http.GetStringAsync("v1.0/state/store/k"));
        (await second.Http.PostAsJsonAsync("v1.0/state/store", new[] { new { key = "k", value = 2 } })).EnsureSuccessStatusCode();
        Assert.Equal("2", await second.Http.GetStringAsync("v1.0/state/store/k"));
        await using var third = await StartAsync(Key("primaryEncryptionKey", "old"));
        Assert.Equal(500, (int)(await third.Http.GetAsync("v1.0/state/store/k")).StatusCode);
    }

    [Fact]
    public async Task A_key_written_into_the_component_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ResourceException>(() =>
            TestSidecar.StartAsync(folder, [Yaml.Component("store", "state.redis", ("primaryEncryptionKey", "000102030405060708090a0b0c0d0e0f"))], Backends.Embedded));
        Assert.Contains("secretKeyRef", refused.Message, StringComparison.Ordinal);
    }

    private static string Key(string name, string secret) => $"{{name: {name}, secretKeyRef: {{name: {secret}, key: {secret}}}}}";

    private Task<TestSidecar> StartAsync(params string[] metadata) => TestSidecar.StartAsync(folder, [
        Yaml.Component("vault", "secretstores.local.file", ("secretsFile", "secrets.json")),
        $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {"{name: store}"}
        spec:
          type: state.redis
          version: v1
          metadata: [{string.Join(", ", metadata)}]
        auth: {"{secretStore: vault}"}
        """,
    ], Backends.Embedded);

    private async Task<string> StoredAsync()
    {
        await using var database = Database.Open(folder.File("data/state.db"), Durability.Normal, "");
        return database.Read(connection => Encoding.UTF8.GetString(connection.Scalar<byte[]>("SELECT value FROM \"state:store\"")!));
    }
}
