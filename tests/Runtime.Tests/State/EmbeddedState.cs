using Google.Protobuf.WellKnownTypes;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.State;

public sealed class EmbeddedState : IDisposable
{
    private static readonly string Redis = Yaml.Component("store", "state.redis", ("redisHost", "localhost:6379"), ("keyPrefix", "name"));

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_redis_store_is_served_without_redis_and_two_apps_share_it_under_its_prefix()
    {
        await using var runtime = TestSidecar.CreateRuntime(folder, Backends.Embedded);
        await using var one = await TestSidecar.StartAsync(folder, [Redis], runtime: runtime, configure: o => o with { AppId = "one" });
        await using var two = await TestSidecar.StartAsync(folder, [Redis], runtime: runtime, configure: o => o with { AppId = "two" });

        await SaveAsync(one, "k", [0, 1, 255], null);

        Assert.Equal([0, 1, 255], (await GetAsync(two, "k")).Data.ToByteArray());
    }

    [Fact]
    public async Task What_was_saved_is_there_after_a_restart()
    {
        await using (var first = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded))
            await SaveAsync(first, "k", Encoding.UTF8.GetBytes("""{ "spaces":  1 }"""), null);

        await using var second = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);
        Assert.Equal("""{ "spaces":  1 }""", await second.Http.GetStringAsync("v1.0/state/store/k"));
    }

    [Fact]
    public async Task Of_20_writers_with_one_etag_exactly_one_wins_in_each_round()
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);
        await SaveAsync(sidecar, "k", [0], null);
        for (byte round = 1; round <= 10; round++)
        {
            var etag = (await GetAsync(sidecar, "k")).Etag;
            var wins = await Task.WhenAll(Enumerable.Range(0, 20).Select(async writer =>
            {
                try
                {
                    await SaveAsync(sidecar, "k", [round, (byte)writer], etag);
                    return 1;
                }
                catch (RpcException lost) when (lost.Status == StatusCode.Aborted)
                {
                    return 0;
                }
            }));
            Assert.Equal(1, wins.Sum());
            Assert.Equal(round, (await GetAsync(sidecar, "k")).Data[0]);
        }
    }

    [Fact]
    public async Task A_first_write_creates_once_and_again_after_the_item_expired()
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);
        var item = new { key = "k", value = 1, options = new { concurrency = "first-write" }, metadata = new { ttlInSeconds = "1" } };

        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.PostAsJsonAsync("v1.0/state/store", new[] { item })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await sidecar.Http.PostAsJsonAsync("v1.0/state/store", new[] { item })).StatusCode);
        Assert.NotEmpty((await GetAsync(sidecar, "k")).Metadata["ttlExpireTime"]);
        await Eventually.TrueAsync(async () => (await sidecar.Http.GetAsync("v1.0/state/store/k")).StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.NoContent, (await sidecar.Http.PostAsJsonAsync("v1.0/state/store", new[] { item })).StatusCode);
    }

    [Fact]
    public async Task A_transaction_with_one_lost_race_changes_nothing()
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);
        await SaveAsync(sidecar, "a", [1], null);
        var request = new ExecuteStateTransactionRequest
        {
            StoreName = "store",
            Operations =
            {
                new TransactionalStateOperation { OperationType = "delete", Request = new StateItem { Key = "a" } },
                new TransactionalStateOperation { OperationType = "upsert", Request = new StateItem { Key = "b", Value = ByteString.CopyFromUtf8("x"), Etag = new Etag { Value = Guid.NewGuid().ToString() } } },
            },
        };

        var refused = await Assert.ThrowsAsync<RpcException>(() => sidecar.Grpc.UnaryAsync(DaprMethods.ExecuteStateTransaction, request));

        Assert.Equal(StatusCode.Internal, refused.Status);
        Assert.Equal([1], (await GetAsync(sidecar, "a")).Data.ToByteArray());
        Assert.Empty((await GetAsync(sidecar, "b")).Etag);
    }

    [Fact]
    public async Task A_save_of_an_expired_or_deleted_item_with_its_old_etag_is_refused()
    {
        await using var sidecar = await TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);
        await SaveAsync(sidecar, "k", [1], null);
        var etag = (await GetAsync(sidecar, "k")).Etag;
        await sidecar.Grpc.UnaryAsync(DaprMethods.DeleteState, new DeleteStateRequest { StoreName = "store", Key = "k", Etag = new Etag { Value = etag } });

        var refused = await Assert.ThrowsAsync<RpcException>(() => SaveAsync(sidecar, "k", [2], etag));
        Assert.Equal(StatusCode.Aborted, refused.Status);
        Assert.Equal("ERR_STATE_SAVE", refused.RichStatus!.Details[0].Unpack<Google.Rpc.ErrorInfo>().Reason);
    }

    private static Task<GetStateResponse> GetAsync(TestSidecar sidecar, string key) =>
        sidecar.Grpc.UnaryAsync(DaprMethods.GetState, new GetStateRequest { StoreName = "store", Key = key });

    private static Task<Empty> SaveAsync(TestSidecar sidecar, string key, byte[] value, string? etag)
    {
        var item = new StateItem { Key = key, Value = ByteString.CopyFrom(value) };
        if (etag is not null)
            item.Etag = new Etag { Value = etag };
        return sidecar.Grpc.UnaryAsync(DaprMethods.SaveState, new SaveStateRequest { StoreName = "store", States = { item } });
    }
}
