using Dapr;
using Dapr.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LocalDapr.Sdk.Tests;

public class Defaults
{
    private static IConfiguration Config(params (string, string?)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => v.Item1, v => v.Item2)).Build();

    [Theory]
    [InlineData(null, null, "http://localhost:3500/")]
    [InlineData(null, "3601", "http://localhost:3601/")]
    [InlineData("", "3601", "http://localhost:3601/")]
    [InlineData("http://h", "3601", "http://h:80/")]
    [InlineData("https://h/some/path", null, "https://h:443/")]
    public void An_endpoint_beats_a_port_and_loses_its_path(string? endpoint, string? port, string expected) =>
        Assert.Equal(expected, DaprDefaults.GetDefaultHttpEndpoint(Config(("DAPR_HTTP_ENDPOINT", endpoint ?? ""), ("DAPR_HTTP_PORT", port ?? ""))));

    [Fact]
    public void A_port_must_be_a_number() =>
        Assert.Throws<FormatException>(() => DaprDefaults.GetDefaultGrpcEndpoint(Config(("DAPR_GRPC_PORT", "x"))));

    [Fact]
    public void Only_http_and_https_can_be_built() =>
        Assert.Throws<InvalidOperationException>(() => new DaprClientBuilder().UseGrpcEndpoint("ftp://h:1").Build());

    [Fact]
    public void The_client_in_the_container_reads_its_configuration_and_is_added_once()
    {
        var services = new ServiceCollection().AddSingleton(Config(("DAPR_HTTP_PORT", "1234"), ("DAPR_GRPC_PORT", "1235"), ("DAPR_API_TOKEN", "t")));
        services.AddDaprClient();
        services.AddDaprClient(b => b.UseHttpEndpoint("http://other:1"));
        using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<DaprClient>();

        using var request = client.CreateInvokeMethodRequest("a", "b");
        Assert.Equal(("http://localhost:1234/v1.0/invoke/a/method/b", "t"), (request.RequestUri!.AbsoluteUri, request.Headers.GetValues("dapr-api-token").Single()));
        Assert.Equal(1235, ((DaprClientGrpc)client).Channel.Address.Port);
        Assert.Same(client, provider.GetRequiredService<DaprClient>());
    }
}
