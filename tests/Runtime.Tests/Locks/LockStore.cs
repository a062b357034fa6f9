using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Locks;

public sealed class LockStore : IDisposable
{
    private static readonly string Redis = Yaml.Component("locks", "lock.redis", ("redisHost", "localhost:6379"));

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Of_20_that_ask_at_once_exactly_one_gets_the_lock_even_with_one_owner()
    {
        await using var sidecar = await StartAsync();
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => LockAsync(sidecar, "r", "same", 30)));
        Assert.Single(taken, got => got);
    }

    [Fact]
    public async Task Unlock_tells_a_missing_lock_from_one_of_others()
    {
        await using var sidecar = await StartAsync();
        Assert.Equal(1, await UnlockAsync(sidecar, "r", "me"));
        Assert.True(await LockAsync(sidecar, "r", "me", 30));
        Assert.Equal(2, await UnlockAsync(sidecar, "r", "you"));
        Assert.Equal(0, await UnlockAsync(sidecar, "r", "me"));
        Assert.True(await LockAsync(sidecar, "r", "you", 30));
    }

    [Fact]
    public async Task An_expired_lock_can_be_taken_by_another()
    {
        await using var sidecar = await StartAsync();
        Assert.True(await LockAsync(sidecar, "r", "me", 1));
        Assert.False(await LockAsync(sidecar, "r", "you", 1));
        await Eventually.TrueAsync(() => LockAsync(sidecar, "r", "you", 30));
        Assert.Equal(2, await UnlockAsync(sidecar, "r", "me"));
    }

    [Theory]
    [InlineData("""{}""", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("""{"resourceId":"r","lockOwner":"me","expiryInSeconds":0}""", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("""{"resourceId":"a||b","lockOwner":"me","expiryInSeconds":9}""", 500, "ERR_TRY_LOCK")]
    public async Task Requests_that_make_no_sense_are_refused(string body, int status, string errorCode)
    {
        await using var sidecar = await StartAsync();
        using var content = new StringContent(body);
        var answer = await sidecar.Http.PostAsync("v1.0-alpha1/lock/locks", content);
        Assert.Equal((status, errorCode), ((int)answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errorCode"]));
    }

    private Task<TestSidecar> StartAsync() => TestSidecar.StartAsync(folder, [Redis], Backends.Embedded);

    private static async Task<bool> LockAsync(TestSidecar sidecar, string resourceId, string lockOwner, int expiryInSeconds)
    {
        var answer = await sidecar.Http.PostAsJsonAsync("v1.0-alpha1/lock/locks", new { resourceId, lockOwner, expiryInSeconds });
        return (bool)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["success"]!;
    }

    private static async Task<int> UnlockAsync(TestSidecar sidecar, string resourceId, string lockOwner)
    {
        var answer = await sidecar.Http.PostAsJsonAsync("v1.0-alpha1/unlock/locks", new { resourceId, lockOwner });
        return (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"]!;
    }
}
