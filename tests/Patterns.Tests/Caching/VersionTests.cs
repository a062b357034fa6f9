using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Caching;

namespace Quayside.Patterns.Tests.Caching;

/// <summary>What an invalidation says stays true, whichever way an older value comes.</summary>
public sealed class VersionTests : IDisposable
{
    private readonly Replicas _replicas = new();
    private readonly MultiLevelCache _one;
    private readonly MultiLevelCache _two;

    public VersionTests() => (_one, _two) = (_replicas.Start(), _replicas.Start());

    public void Dispose() => _replicas.Dispose();

    [Fact]
    public async Task A_source_that_lags_behind_the_invalidation_is_believed_once_and_stored_nowhere()
    {
        await _one.InvalidateAsync("key", 6);
        Assert.Equal(5, await ReadAsync(_one, 5));
        Assert.Equal(6, await ReadAsync(_one, 6));
        Assert.Equal(6, await ReadAsync(_one, 7));
        Assert.Contains("\"version\":6", _replicas.Shared.Find("entry:key"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_second_level_memory_alone_holds_out_against_a_source_that_lags_behind_and_against_an_older_entry()
    {
        var cache = _replicas.Start(withShared: false);
        await cache.InvalidateAsync("key", 6);
        Assert.Equal(5, await ReadAsync(cache, 5));
        Assert.Equal(6, await ReadAsync(cache, 6));
        await cache.SetAsync("key", new Doc("new", 8), cancellationToken: TestContext.Current.CancellationToken);
        await cache.SetAsync("key", new Doc("old", 7), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8, await ReadAsync(cache, 9));
    }

    [Fact]
    public async Task An_invalidation_of_what_is_newer_removes_nothing()
    {
        await ReadAsync(_one, 6);
        await _one.InvalidateAsync("key", 6);
        await _two.InvalidateAsync("key", 5);
        Assert.Equal(6, await ReadAsync(_one, 9));
        Assert.Equal(6, await ReadAsync(_two, 9));
    }

    [Fact]
    public async Task Over_a_newer_entry_no_older_one_is_set_in_either_level()
    {
        await _one.SetAsync("key", new Doc("new", 7), cancellationToken: TestContext.Current.CancellationToken);
        await _one.SetAsync("key", new Doc("old", 6), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(7, await ReadAsync(_one, 9));
        Assert.Equal(7, await ReadAsync(_two, 9));
    }

    [Fact]
    public async Task The_second_level_tells_a_replica_that_has_not_heard()
    {
        var (slow, answer) = BeginLoad(_one, 5);
        await _two.InvalidateAsync("key", 6);
        answer.SetResult();
        Assert.Equal(5, (await slow).Version);
        Assert.Equal(6, await ReadAsync(_one, 6));
    }

    [Fact]
    public async Task A_marker_lasts_30_seconds_and_a_load_that_takes_longer_is_stored_nowhere()
    {
        var (slow, answer) = BeginLoad(_one, 5);
        await _two.InvalidateAsync("key", 6);
        Assert.Equal(30, _replicas.Shared.LifeOf("entry:key").TotalSeconds);
        _replicas.Time.Advance(TimeSpan.FromSeconds(31));
        answer.SetResult();
        await slow;
        Assert.Null(_replicas.Shared.Find("entry:key"));
        Assert.Equal(6, await ReadAsync(_one, 6));
    }

    [Fact]
    public async Task What_another_replica_left_in_the_second_level_is_not_believed_after_an_invalidation_that_could_not_reach_it()
    {
        await ReadAsync(_two, 5);
        _replicas.Shared.IsDown = true;
        await _one.InvalidateAsync("key", 6);
        _replicas.Shared.IsDown = false;
        Assert.Equal(6, await ReadAsync(_one, 6));
        _replicas.Time.Advance(TimeSpan.FromSeconds(10));
        await UntilAsync(() => _replicas.Shared.Find("entry:key")?.Contains("\"version\":6", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task An_invalidation_is_brought_to_a_second_level_that_was_down_when_it_is_back()
    {
        await ReadAsync(_two, 5);
        _replicas.Shared.IsDown = true;
        await _one.InvalidateAsync("key", 6);
        _replicas.Time.Advance(TimeSpan.FromMinutes(2));
        _replicas.Shared.IsDown = false;
        await UntilAsync(() =>
        {
            _replicas.Time.Advance(TimeSpan.FromSeconds(6));
            return _replicas.Shared.Find("entry:key") is { } marker && !marker.Contains("\"version\":5", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task More_invalidations_than_there_is_room_for_close_the_memory_and_never_let_an_older_value_win()
    {
        var cache = _replicas.Start(withShared: false);
        for (var i = 0; i < 10_500; i++)
            await cache.InvalidateAsync($"key-{i}", 6);
        Assert.Equal(5, await ReadAsync(cache, 5, "key-10400"));
        Assert.Equal(6, await ReadAsync(cache, 6, "key-10400"));
        _replicas.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(7, await ReadAsync(cache, 7, "key-10400"));
        Assert.Equal(7, await ReadAsync(cache, 8, "key-10400"));
    }

    [Fact]
    public async Task More_tags_than_there_is_room_for_invalidate_too_much_and_never_too_little()
    {
        await _one.GetOrCreateAsync("tagged", _ => ValueTask.FromResult("old"), tags: ["first"], cancellationToken: TestContext.Current.CancellationToken);
        await _one.InvalidateTagAsync("first");
        for (var i = 0; i < 1_001; i++)
            await _one.InvalidateTagAsync($"tag-{i}");
        Assert.Equal("new", await _one.GetOrCreateAsync("tagged", _ => ValueTask.FromResult("new"), tags: ["first"], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("new", await _one.GetOrCreateAsync("tagged", _ => ValueTask.FromResult("newer"), tags: ["first"], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a||b")]
    [InlineData("\u00e9")]
    [InlineData("line\nfeed")]
    public async Task What_is_no_key_is_not_cached(string key)
    {
        Assert.Equal(1, await ReadAsync(_one, 1, key));
        Assert.Equal(2, await ReadAsync(_one, 2, key));
        Assert.Equal(3, await ReadAsync(_one, 3, new string('k', 257)));
        Assert.Equal(4, await ReadAsync(_one, 4, new string('k', 257)));
        Assert.Equal(0, _replicas.Shared.Calls);
    }

    [Fact]
    public async Task A_key_named_like_a_tag_or_an_entry_meets_neither()
    {
        await _one.GetOrCreateAsync("a", _ => ValueTask.FromResult("tagged"), tags: ["fruit"], cancellationToken: TestContext.Current.CancellationToken);
        await _one.InvalidateTagAsync("fruit");
        await _one.SetAsync("tag:fruit", "mine", cancellationToken: TestContext.Current.CancellationToken);
        await _one.SetAsync("entry:a", "mine", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("loaded", await _two.GetOrCreateAsync("a", _ => ValueTask.FromResult("loaded"), tags: ["fruit"], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_tag_for_everything_is_refused_and_versions_count_from_1()
    {
        await Assert.ThrowsAsync<NotSupportedException>(async () => await _one.RemoveByTagAsync("*", TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _one.InvalidateAsync("key", 0));
    }

    private static async Task<long> ReadAsync(HybridCache cache, long version, string key = "key") =>
        (await cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(new Doc("doc", version)), cancellationToken: TestContext.Current.CancellationToken)).Version;

    private static (Task<Doc> Slow, TaskCompletionSource Answer) BeginLoad(HybridCache cache, long version)
    {
        var answer = new TaskCompletionSource();
        return (cache.GetOrCreateAsync("key", async _ =>
        {
            await answer.Task;
            return new Doc("slow", version);
        }, cancellationToken: TestContext.Current.CancellationToken).AsTask(), answer);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
            await Task.Delay(5, deadline.Token);
    }
}
