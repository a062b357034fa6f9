using System.Net;
using System.Text.Json.Nodes;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Tests.Configuration;

public sealed class ConfigurationStore : IDisposable
{
    private static readonly string Redis = Yaml.Component("cfg", "configuration.redis", ("redisHost", "localhost:6379"));

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Values_are_read_from_the_file_one_several_or_all()
    {
        Write("""{"color": "red||v1", "size": 10, "limit": {"value": "5", "version": "v2", "metadata": {"owner": "ops"}}}""");
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);

        Assert.Equal("""{"color":{"value":"red","version":"v1"}}""", await sidecar.Http.GetStringAsync("v1.0/configuration/cfg?key=color&key=none"));
        Assert.Equal("""{"color":{"value":"red","version":"v1"},"size":{"value":"10"},"limit":{"value":"5","version":"v2","metadata":{"owner":"ops"}}}""", await sidecar.Http.GetStringAsync("v1.0/configuration/cfg"));
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.GetAsync("v1.0/configuration/cfg?key=none")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await sidecar.Http.GetAsync("v1.0/configuration/nope")).StatusCode);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_stream_tells_its_id_then_each_change_and_ends_when_it_is_unsubscribed()
    {
        Write("""{"a": "1||v1", "b": "1"}""");
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);
        await using var answers = sidecar.Grpc.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new SubscribeConfigurationRequest { StoreName = "cfg", Keys = { "a" } }).GetAsyncEnumerator();

        Assert.True(await answers.MoveNextAsync());
        var id = answers.Current.Id;
        Write("""{"a": "2||v2", "b": "2"}""");
        Assert.True(await answers.MoveNextAsync());
        Assert.Equal(("a", "2", "v2"), (answers.Current.Items.Keys.Single(), answers.Current.Items["a"].Value, answers.Current.Items["a"].Version));
        Write("""{"b": "3"}""");
        Assert.True(await answers.MoveNextAsync());
        Assert.Equal("", answers.Current.Items["a"].Value);

        Assert.True((await sidecar.Grpc.UnaryAsync(DaprMethods.UnsubscribeConfiguration, new UnsubscribeConfigurationRequest { StoreName = "cfg", Id = id })).Ok);
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task An_app_that_subscribed_over_HTTP_gets_each_change_posted()
    {
        await using var app = await TestApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded, configure: o => o with { AppPort = app.Port });
        var id = (string?)JsonNode.Parse(await sidecar.Http.GetStringAsync("v1.0/configuration/cfg/subscribe"))!["id"];

        Write("""{"x": "1"}""");
        await Eventually.TrueAsync(() => Task.FromResult(app.Calls.Any(c => c.Path == "/configuration/cfg/x")));
        Assert.Equal("{\"id\":\"" + id + "\",\"items\":{\"x\":{\"value\":\"1\"}}}", app.Calls.First(c => c.Path == "/configuration/cfg/x").Body);

        Assert.Equal("""{"ok":true}""", await sidecar.Http.GetStringAsync($"v1.0/configuration/cfg/{id}/unsubscribe"));
        Assert.Equal(HttpStatusCode.InternalServerError, (await sidecar.Http.GetAsync($"v1.0/configuration/cfg/{id}/unsubscribe")).StatusCode);
    }

    [Fact]
    public async Task As_declared_the_store_is_refused_with_a_cure()
    {
        var refused = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartAsync(folder, [Redis]));
        Assert.Contains("--backends embedded", refused.Message, StringComparison.Ordinal);
    }

    private void Write(string json)
    {
        Directory.CreateDirectory(folder.File("data/configuration"));
        File.WriteAllText(folder.File("data/configuration/cfg.json"), json);
    }
}
