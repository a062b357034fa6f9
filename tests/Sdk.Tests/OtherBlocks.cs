#pragma warning disable DAPR_DISTRIBUTEDLOCK
using Dapr.Client;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Sdk.Tests;

public class OtherBlocks
{
    [Fact]
    public async Task Bindings_take_json_and_bytes()
    {
        InvokeBindingRequest? seen = null;
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(DaprMethods.InvokeBinding, (r, _) => { seen = r; return Task.FromResult(new InvokeBindingResponse { Data = ByteString.CopyFromUtf8("[1,2]"), Metadata = { ["m"] = "1" } }); }));
        using var client = sidecar.Client();

        var answer = await client.InvokeBindingAsync<object, int[]>("email", "create", new { To = "a" }, new Dictionary<string, string> { ["fileName"] = "f" });
        Assert.Equal([1, 2], answer);
        Assert.Equal(("email", "create", """{"to":"a"}""", "f"), (seen!.Name, seen.Operation, seen.Data.ToStringUtf8(), seen.Metadata["fileName"]));

        var raw = await client.InvokeBindingAsync(new BindingRequest("email", "list") { Data = new byte[] { 9 } });
        Assert.Equal([9], seen.Data.ToByteArray());
        Assert.Equal(("[1,2]", "1"), (System.Text.Encoding.UTF8.GetString(raw.Data.Span), raw.Metadata["m"]));
    }

    [Fact]
    public async Task Secrets_configuration_and_metadata_are_read()
    {
        await using var sidecar = await FakeSidecar.StartAsync(s => s
            .Unary(DaprMethods.GetSecret, (r, _) => Task.FromResult(new GetSecretResponse { Data = { [r.Key] = "s" } }))
            .Unary(DaprMethods.GetBulkSecret, (_, _) => Task.FromResult(new GetBulkSecretResponse { Data = { ["a"] = new SecretResponse { Secrets = { ["k"] = "v" } } } }))
            .Unary(DaprMethods.GetConfiguration, (r, _) => Task.FromResult(new Dapr.Proto.Runtime.V1.GetConfigurationResponse { Items = { [r.Keys[0]] = new() { Value = "on", Version = "2" } } }))
            .Unary(DaprMethods.GetMetadata, (_, _) => Task.FromResult(new GetMetadataResponse { Id = "orders", ExtendedMetadata = { ["x"] = "y" }, RegisteredComponents = { new RegisteredComponents { Name = "store", Type = "state.sqlite", Version = "v1", Capabilities = { "ETAG" } } } })));
        using var client = sidecar.Client();

        Assert.Equal("s", (await client.GetSecretAsync("secrets", "jwt"))["jwt"]);
        Assert.Equal("v", (await client.GetBulkSecretAsync("secrets"))["a"]["k"]);
        Assert.Equal(("on", "2"), (await client.GetConfiguration("config", ["flag"])).Items["flag"] is { } item ? (item.Value, item.Version) : default);
        var metadata = await client.GetMetadataAsync();
        Assert.Equal(("orders", "y", "store", "ETAG"), (metadata.Id, metadata.Extended["x"], metadata.Components[0].Name, metadata.Components[0].Capabilities[0]));
    }

    [Fact]
    public async Task A_lock_tells_whether_it_was_taken_and_given_back()
    {
        await using var sidecar = await FakeSidecar.StartAsync(s => s
            .Unary(DaprMethods.TryLockAlpha1, (r, _) => Task.FromResult(new Dapr.Proto.Runtime.V1.TryLockResponse { Success = r.ExpiryInSeconds == 5 }))
            .Unary(DaprMethods.UnlockAlpha1, (_, _) => Task.FromResult(new Dapr.Proto.Runtime.V1.UnlockResponse { Status = Dapr.Proto.Runtime.V1.UnlockResponse.Types.Status.LockBelongsToOthers })));
        using var client = sidecar.Client();

        Assert.True((await client.Lock("locks", "r", "me", 5)).Success);
        Assert.False((await client.Lock("locks", "r", "me", 6)).Success);
        Assert.Equal(LockStatus.LockBelongsToOthers, (await client.Unlock("locks", "r", "me")).status);
    }

    [Theory, InlineData(204, true), InlineData(500, false)]
    public async Task Health_is_a_yes_or_no(int status, bool healthy)
    {
        await using var sidecar = await FakeSidecar.StartAsync(http: context =>
        {
            context.Response.StatusCode = context.Request.Path.StartsWithSegments("/v1.0/healthz") ? status : 404;
            return Task.CompletedTask;
        });
        using var client = sidecar.Client();

        Assert.Equal((healthy, healthy), (await client.CheckHealthAsync(), await client.CheckOutboundHealthAsync()));
        using var none = new DaprClientBuilder().UseHttpEndpoint("http://127.0.0.1:1").Build();
        Assert.False(await none.CheckHealthAsync());
    }
}
