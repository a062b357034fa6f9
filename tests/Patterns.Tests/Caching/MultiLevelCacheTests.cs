using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Caching;

namespace Quayside.Patterns.Tests.Caching;

public sealed class MultiLevelCacheTests : IDisposable
{
    private readonly Replicas _replicas = new();
    private readonly SharedMemory _shared;
    private readonly MultiLevelCache _one;
    private readonly MultiLevelCache _two;
    private int _loads;

    public MultiLevelCacheTests() => (_shared, _one, _two) = (_replicas.Shared, _replicas.Start(), _replicas.Start());

    public void Dispose() => _replicas.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_callers_at_once_cost_one_load_also_while_the_second_level_hangs(bool isHanging)
    {
        _shared.IsHanging = isHanging;
        var answer = new TaskCompletionSource<string>();
        var callers = Enumerable.Range(0, 1_000).Select(_ => Task.Run(() => _one.GetOrCreateAsync("key", async _ =>
        {
            Interlocked.Increment(ref _loads);
            return await answer.Task;
        }, cancellationToken: Token).AsTask())).ToList();
        await UntilAsync(() => _shared.Calls > 0);
        _replicas.Time.Advance(TimeSpan.FromSeconds(1));
        answer.SetResult("value");
        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("value", value));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_load_to_the_others()
    {
        using var impatient = new CancellationTokenSource();
        var answer = new TaskCompletionSource<string>();
        var first = _one.GetOrCreateAsync("key", async _ => await answer.Task, cancellationToken: impatient.Token).AsTask();
        var second = _one.GetOrCreateAsync("key", _ => ValueTask.FromResult("another load"), cancellationToken: Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult("value");
        Assert.Equal("value", await second);
    }

    [Fact]
    public async Task That_there_is_nothing_is_remembered_too()
    {
        for (var i = 0; i < 3; i++)
            Assert.Null(await _one.GetOrCreateAsync("unknown", _ => Load<string?>(null), cancellationToken: Token));
        await StoredAsync("entry:unknown");
        Assert.Null(await _two.GetOrCreateAsync("unknown", _ => Load<string?>(null), cancellationToken: Token));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task A_failed_load_is_told_to_all_who_wait_and_not_remembered()
    {
        var answer = new TaskCompletionSource<string>();
        var callers = Enumerable.Range(0, 100).Select(_ => _one.GetOrCreateAsync("key", async _ => await answer.Task, cancellationToken: Token).AsTask()).ToList();
        answer.SetException(new IOException("source is down"));
        foreach (var caller in callers)
            await Assert.ThrowsAsync<IOException>(() => caller);
        await Assert.ThrowsAsync<IOException>(async () => await _one.GetOrCreateAsync<string>("key", _ => throw new IOException("source is down"), cancellationToken: Token));
        Assert.Equal("value", await _one.GetOrCreateAsync("key", _ => Load("value"), cancellationToken: Token));
    }

    [Fact]
    public async Task What_one_replica_loaded_the_other_finds_and_keeps_in_memory()
    {
        await _one.GetOrCreateAsync("key", _ => Load(42), cancellationToken: Token);
        await StoredAsync("entry:key");
        Assert.Equal(42, await _two.GetOrCreateAsync("key", _ => Load(0), cancellationToken: Token));
        var asked = _shared.Calls;
        Assert.Equal(42, await _two.GetOrCreateAsync("key", _ => Load(0), cancellationToken: Token));
        Assert.Equal(asked, _shared.Calls);
        Assert.Equal(1, _loads);
        Assert.InRange(_shared.LifeOf("entry:key").TotalSeconds, 3_240, 3_600);
    }

    [Fact]
    public async Task A_dead_second_level_costs_a_load_and_is_never_an_error()
    {
        _shared.IsDown = true;
        Assert.Equal(1, await _one.GetOrCreateAsync("key", _ => Load(1), cancellationToken: Token));
        Assert.Equal(1, await _one.GetOrCreateAsync("key", _ => Load(2), cancellationToken: Token));
        await _one.RemoveAsync("key", Token);
        Assert.Equal(3, await _one.GetOrCreateAsync("key", _ => Load(3), cancellationToken: Token));
    }

    [Fact]
    public async Task After_a_removal_it_is_loaded_again_and_an_older_load_is_not_stored_over_it()
    {
        var old = new TaskCompletionSource<string>();
        var slow = await BeginLoadAsync("key", old.Task);
        await _two.RemoveAsync("key", Token);
        await _one.RemoveAsync("key", Token);
        old.SetResult("old");
        Assert.Equal("old", await slow);
        Assert.Equal("new", await _one.GetOrCreateAsync("key", _ => Load("new"), cancellationToken: Token));
        Assert.Equal("new", await _one.GetOrCreateAsync("key", _ => Load("newer"), cancellationToken: Token));
    }

    [Fact]
    public async Task A_load_that_began_before_a_value_was_set_is_not_stored_over_it()
    {
        var old = new TaskCompletionSource<string>();
        var slow = await BeginLoadAsync("key", old.Task);
        await _one.SetAsync("key", "set", cancellationToken: Token);
        var writes = _shared.Writes;
        old.SetResult("old");
        Assert.Equal("old", await slow);
        Assert.Equal("set", await _one.GetOrCreateAsync("key", _ => Load("loaded"), cancellationToken: Token));
        Assert.Equal(writes, _shared.Writes);
    }

    [Fact]
    public async Task An_entry_may_live_shorter_in_memory_than_others()
    {
        var brief = new HybridCacheEntryOptions { LocalCacheExpiration = TimeSpan.FromMilliseconds(1), Flags = HybridCacheEntryFlags.DisableDistributedCache };
        await _one.GetOrCreateAsync("key", _ => Load("value"), brief, cancellationToken: Token);
        _replicas.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _one.GetOrCreateAsync("key", _ => Load("value"), brief, cancellationToken: Token);
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task A_load_that_began_before_another_replica_invalidated_is_not_shared()
    {
        var old = new TaskCompletionSource<string>();
        var slow = await BeginLoadAsync("key", old.Task);
        await _two.RemoveAsync("key", Token);
        old.SetResult("old");
        await slow;
        await UntilAsync(() => _one.IsIdle);
        Assert.Equal("new", await _two.GetOrCreateAsync("key", _ => Load("new"), cancellationToken: Token));
    }

    [Fact]
    public async Task A_tag_removes_what_carries_it_in_both_levels_and_nothing_else()
    {
        await _one.GetOrCreateAsync("a", _ => Load(1), tags: ["fruit"], cancellationToken: Token);
        await _one.GetOrCreateAsync("b", _ => Load(2), tags: ["stone"], cancellationToken: Token);
        await StoredAsync("entry:a");
        await StoredAsync("entry:b");
        await _one.RemoveByTagAsync("fruit", Token);
        Assert.Equal(10, await _one.GetOrCreateAsync("a", _ => Load(10), tags: ["fruit"], cancellationToken: Token));
        Assert.Equal(2, await _one.GetOrCreateAsync("b", _ => Load(20), tags: ["stone"], cancellationToken: Token));
        var third = _replicas.Start();
        Assert.Equal(2, await third.GetOrCreateAsync("b", _ => Load(20), cancellationToken: Token));
        // else what was removed would come back
        Assert.True(_shared.LifeOf("tag:fruit") >= _shared.LifeOf("entry:a"));
    }

    [Fact]
    public async Task A_hit_in_memory_allocates_nothing()
    {
        using var unmeasured = new Replicas(isMeasured: false);
        var cache = unmeasured.Start();
        await cache.GetOrCreateAsync("key", _ => Load("value"), cancellationToken: Token);
        for (var i = 0; i < 1_000; i++)
            await Read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            await Read();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        ValueTask<string> Read() => cache.GetOrCreateAsync("key", this, static (test, _) => test.Load("again"), tags: SomeTags, cancellationToken: Token);
    }

    private static readonly string[] SomeTags = ["fruit"];

    [Fact]
    public async Task Without_its_source_an_entry_is_only_looked_up()
    {
        var lookUp = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        Assert.Null(await _one.GetOrCreateAsync("key", _ => Load("value"), lookUp, cancellationToken: Token));
        await _two.SetAsync("key", "set", cancellationToken: Token);
        Assert.Equal("set", await _one.GetOrCreateAsync("key", _ => Load("value"), lookUp, cancellationToken: Token));
        Assert.Equal(0, _loads);
    }

    [Fact]
    public async Task Flags_keep_an_entry_out_of_the_second_level()
    {
        var local = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache };
        await _one.GetOrCreateAsync("key", _ => Load(1), local, cancellationToken: Token);
        await _one.SetAsync("key", 2, local, cancellationToken: Token);
        Assert.Equal(2, await _one.GetOrCreateAsync("key", _ => Load(3), local, cancellationToken: Token));
        Assert.Equal(0, _shared.Calls);
    }

    private ValueTask<T> Load<T>(T value)
    {
        Interlocked.Increment(ref _loads);
        return ValueTask.FromResult(value);
    }

    private Task StoredAsync(string key) => UntilAsync(() => _shared.Find(key) is not null);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
            await Task.Delay(5, deadline.Token);
    }

    /// <summary>The answer of a load that has begun and waits for its value.</summary>
    private async Task<Task<string>> BeginLoadAsync(string key, Task<string> value)
    {
        var started = new TaskCompletionSource();
        var answer = _one.GetOrCreateAsync(key, async _ =>
        {
            started.SetResult();
            return await value;
        }, cancellationToken: Token).AsTask();
        await started.Task;
        return answer;
    }
}
