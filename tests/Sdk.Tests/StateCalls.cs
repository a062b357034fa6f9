using System.Diagnostics;
using Dapr;
using Dapr.Client;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using Wire = Dapr.Proto.Common.V1.StateOptions.Types;

namespace LocalDapr.Sdk.Tests;

public class StateCalls
{
    private sealed record Item(string Name, decimal Price, long Big);

    private static async Task<(SaveStateRequest Request, Metadata Headers)> SavedAsync(Func<DaprClient, Task> call)
    {
        SaveStateRequest? seen = null;
        Metadata? headers = null;
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(DaprMethods.SaveState, (r, c) => { (seen, headers) = (r, c.RequestHeaders); return Task.FromResult(new Google.Protobuf.WellKnownTypes.Empty()); }));
        using var client = sidecar.Builder().UseDaprApiToken("tok").Build();
        await call(client);
        return (seen!, headers!);
    }

    private static Task<FakeSidecar> WithState(string json, string etag = "e1") => FakeSidecar.StartAsync(s => s
        .Unary(DaprMethods.GetState, (_, _) => Task.FromResult(new GetStateResponse { Data = ByteString.CopyFromUtf8(json), Etag = etag }))
        .Unary(DaprMethods.GetBulkState, (r, _) => Task.FromResult(new GetBulkStateResponse { Items = { r.Keys.Select(k => new Dapr.Proto.Runtime.V1.BulkStateItem { Key = k, Data = ByteString.CopyFromUtf8(json), Etag = etag }) } })));

    [Fact]
    public async Task A_saved_value_is_camel_case_json_with_its_options_metadata_and_token()
    {
        var (request, headers) = await SavedAsync(c => c.SaveStateAsync("store", "k", new Item("a", 1.10m, 9007199254740993), new StateOptions { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong }, new Dictionary<string, string> { ["ttlInSeconds"] = "5" }));

        var item = Assert.Single(request.States);
        Assert.Equal(("store", "k", """{"name":"a","price":1.10,"big":9007199254740993}"""), (request.StoreName, item.Key, item.Value.ToStringUtf8()));
        Assert.Equal((Wire.StateConcurrency.ConcurrencyFirstWrite, Wire.StateConsistency.ConsistencyStrong, "5"), (item.Options.Concurrency, item.Options.Consistency, item.Metadata["ttlInSeconds"]));
        Assert.Null(item.Etag);
        Assert.Equal("tok", headers.Get("dapr-api-token"));
        Assert.Contains("dapr-sdk-dotnet/v", headers.Get("user-agent"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_are_saved_as_they_are_and_null_has_no_value()
    {
        var (bytes, _) = await SavedAsync(c => c.SaveByteStateAsync("store", "k", new byte[] { 0, 255, 1 }));
        Assert.Equal([0, 255, 1], bytes.States[0].Value.ToByteArray());

        var (nothing, _) = await SavedAsync(c => c.SaveStateAsync<Item?>("store", "k", null));
        Assert.Empty(nothing.States[0].Value);
        Assert.Null(nothing.States[0].Options);
    }

    [Fact]
    public async Task The_current_span_travels_along()
    {
        using var span = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        span.TraceStateString = "k=v";

        var (_, headers) = await SavedAsync(c => c.SaveStateAsync("store", "k", 1));

        Assert.Equal((span.Id, "k=v"), (headers.Get("traceparent"), headers.Get("tracestate")));
        var binary = headers.GetBytes("grpc-trace-bin")!;
        Assert.Equal($"0000{span.TraceId}01{span.SpanId}02{(byte)span.ActivityTraceFlags:x2}", Convert.ToHexStringLower(binary));
    }

    [Fact]
    public async Task A_value_comes_back_with_its_etag()
    {
        await using var sidecar = await WithState("""{"NAME":"a","price":"1.5","big":3}""");
        using var client = sidecar.Client();

        Assert.Equal(new Item("a", 1.5m, 3), await client.GetStateAsync<Item>("store", "k"));
        var (value, etag) = await client.GetStateAndETagAsync<Item>("store", "k");
        Assert.Equal((new Item("a", 1.5m, 3), "e1"), (value, etag));
        var entry = await client.GetStateEntryAsync<Item>("store", "k");
        Assert.Equal(("store", "k", "e1", "a"), (entry.StoreName, entry.Key, entry.ETag, entry.Value.Name));
        var bulk = await client.GetBulkStateAsync<Item>("store", ["x", "y"], parallelism: null);
        Assert.Equal(["x", "y"], bulk.Select(b => b.Key));
        Assert.Equal("a", bulk[1].Value.Name);
    }

    [Fact]
    public async Task A_missing_key_is_the_default_with_an_empty_etag()
    {
        await using var sidecar = await WithState("", "");
        using var client = sidecar.Client();

        Assert.Null(await client.GetStateAsync<Item>("store", "k"));
        Assert.Equal((0, ""), await client.GetStateAndETagAsync<int>("store", "k"));
        Assert.True((await client.GetByteStateAsync("store", "k")).IsEmpty);
    }

    [Fact]
    public async Task A_value_that_does_not_fit_is_a_dapr_exception()
    {
        await using var sidecar = await WithState("[1]");
        using var client = sidecar.Client();

        Assert.IsType<System.Text.Json.JsonException>((await Assert.ThrowsAsync<DaprException>(() => client.GetStateAsync<Item>("store", "k"))).InnerException);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => client.GetBulkStateAsync<Item>("store", ["k"], null));
    }

    [Theory, InlineData(StatusCode.Aborted, false), InlineData(StatusCode.InvalidArgument, null), InlineData(StatusCode.OK, true)]
    public async Task Only_a_lost_race_makes_a_try_false(StatusCode status, bool? expected)
    {
        string? etag = null;
        Task<Google.Protobuf.WellKnownTypes.Empty> Answer() => status == StatusCode.OK ? Task.FromResult(new Google.Protobuf.WellKnownTypes.Empty()) : throw new RpcException(status, "no");
        await using var sidecar = await FakeSidecar.StartAsync(s => s
            .Unary(DaprMethods.SaveState, (r, _) => { etag = r.States[0].Etag.Value; return Answer(); })
            .Unary(DaprMethods.DeleteState, (r, _) => { etag = r.Etag.Value; return Answer(); }));
        using var client = sidecar.Client();

        foreach (var call in (Func<Task<bool>>[])[() => client.TrySaveStateAsync("s", "k", 1, ""), () => client.TrySaveByteStateAsync("s", "k", default, ""), () => client.TryDeleteStateAsync("s", "k", "")])
        {
            etag = null;
            if (expected is { } value)
                Assert.Equal(value, await call());
            else
                Assert.Equal(status, Assert.IsType<RpcException>((await Assert.ThrowsAsync<DaprException>(call)).InnerException).Status);
            Assert.Equal("", etag);
        }
    }

    [Fact]
    public async Task A_failure_names_the_operation_and_keeps_its_cause()
    {
        await using var sidecar = await FakeSidecar.StartAsync();
        using var client = sidecar.Client();

        var error = await Assert.ThrowsAsync<DaprException>(() => client.GetStateAsync<int>("s", "k"));

        Assert.Equal("State operation failed: the Dapr endpoint indicated a failure. See InnerException for details.", error.Message);
        Assert.IsType<RpcException>(error.InnerException);
    }

    [Fact]
    public async Task Cancelling_and_a_missing_sidecar_are_told_apart()
    {
        using var client = new DaprClientBuilder().UseGrpcEndpoint("http://127.0.0.1:1").Build();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetStateAsync<int>("s", "k", cancellationToken: cancelled.Token));
        var error = await Assert.ThrowsAsync<DaprException>(() => client.GetStateAsync<int>("s", "k"));
        Assert.Equal(StatusCode.Unavailable, ((RpcException)error.InnerException!).Status);
    }

    [Fact]
    public async Task A_transaction_holds_its_operations_in_order()
    {
        ExecuteStateTransactionRequest? seen = null;
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(DaprMethods.ExecuteStateTransaction, (r, _) => { seen = r; return Task.FromResult(new Google.Protobuf.WellKnownTypes.Empty()); }));
        using var client = sidecar.Client();

        await client.ExecuteStateTransactionAsync("s", [new("a", [1], StateOperationType.Upsert, etag: "e"), new("b", null, StateOperationType.Delete)], new Dictionary<string, string> { ["m"] = "1" });

        Assert.Equal(["upsert", "delete"], seen!.Operations.Select(o => o.OperationType));
        Assert.Equal(("a", "e", "1"), (seen.Operations[0].Request.Key, seen.Operations[0].Request.Etag.Value, seen.Metadata["m"]));
        Assert.Null(seen.Operations[1].Request.Etag);
    }

    [Fact]
    public async Task Bad_arguments_never_reach_the_sidecar()
    {
        using var client = new DaprClientBuilder().UseGrpcEndpoint("http://127.0.0.1:1").Build();

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetStateAsync<int>("", "k"));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetStateAsync<int>("s", null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.TrySaveStateAsync("s", "k", 1, null!));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetBulkStateAsync("s", [], null));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SaveBulkStateAsync<int>("s", []));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ExecuteStateTransactionAsync("s", []));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.PublishEventAsync<string>("p", "t", null!));
#pragma warning disable DAPR_DISTRIBUTEDLOCK
        await Assert.ThrowsAsync<ArgumentException>(() => client.Lock("s", "r", "o", 0));
#pragma warning restore DAPR_DISTRIBUTEDLOCK
    }
}
