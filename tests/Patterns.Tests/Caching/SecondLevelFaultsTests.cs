using System.Text;
using Quayside.Caching;

namespace Quayside.Patterns.Tests.Caching;

/// <summary>A second level that is down, slow or full of garbage costs loads and a bounded time, never an error.</summary>
public sealed class SecondLevelFaultsTests : IDisposable
{
    private readonly Replicas _replicas = new();
    private readonly MultiLevelCache _one;

    public SecondLevelFaultsTests() => _one = _replicas.Start();

    public void Dispose() => _replicas.Dispose();

    [Fact]
    public async Task After_three_failures_it_is_left_alone_for_5_seconds_and_then_one_call_tries()
    {
        _replicas.Shared.IsDown = true;
        for (var i = 0; i < 20; i++)
            Assert.Equal("value", await ReadAsync($"key-{i}"));
        Assert.Equal(3, _replicas.Shared.Calls);

        _replicas.Time.Advance(TimeSpan.FromSeconds(5));
        await ReadAsync("again-1");
        await ReadAsync("again-2");
        Assert.Equal(4, _replicas.Shared.Calls);

        _replicas.Shared.IsDown = false;
        _replicas.Time.Advance(TimeSpan.FromSeconds(5));
        await ReadAsync("back-1");
        await ReadAsync("back-2");
        Assert.Equal(8, _replicas.Shared.Calls);
        Assert.NotNull(_replicas.Shared.Find("entry:back-2"));
    }

    [Fact]
    public async Task One_that_never_answers_costs_half_a_second()
    {
        _replicas.Shared.IsHanging = true;
        var read = ReadAsync("key");
        Assert.False(read.IsCompleted);
        _replicas.Time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(read.IsCompleted);
        _replicas.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("value", await read);
    }

    [Fact]
    public async Task One_that_hangs_as_it_is_written_keeps_nobody_waiting()
    {
        _replicas.Shared.BeforeWrite = () => _replicas.Shared.IsHanging = true;
        Assert.Equal("value", await ReadAsync("key"));
        Assert.Equal("value", await _one.GetOrCreateAsync("key", _ => ValueTask.FromResult("other"), cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\n")]
    [InlineData("{\"at\":1,\"tags\":[],\"hasValue\":true,\"value\":\"of the format before\"}")]
    [InlineData("{\"format\":3,\"shape\":\"x\",\"version\":1,\"at\":1}\n\"of a later format\"")]
    [InlineData("{\"format\":2,\"shape\":\"0123456789abcdef\",\"version\":1,\"at\":1}\n\"of another type\"")]
    [InlineData("{\"format\":2,\"shape\":\"SHAPE\",\"version\":1,\"at\":1}\n{\"cut\":")]
    [InlineData("{\"format\":2,\"shape\":\"SHAPE\",\"version\":1,\"at\":1,\"tags\":[null]}\n\"null tag\"")]
    [InlineData("{\"format\":2,\"shape\":\"SHAPE\",\"version\":1,\"at\":1}")]
    [InlineData("{\"format\":2,\"version\":1,\"at\":1}\n\"value of a marker\"")]
    [InlineData("{\"format\":2,\"shape\":\"SHAPE\",\"version\":-1,\"at\":1}\n\"negative\"")]
    [InlineData("\u0000\u0001\u0002 not json")]
    public async Task Bytes_that_this_version_did_not_write_are_a_miss_and_are_replaced(string garbage)
    {
        _replicas.Shared.Put("entry:key", Encoding.UTF8.GetBytes(garbage.Replace("SHAPE", Shape<string>.Id, StringComparison.Ordinal)));
        Assert.Equal("value", await ReadAsync("key"));
        Assert.EndsWith("\n\"value\"", _replicas.Shared.Find("entry:key"), StringComparison.Ordinal);
        var other = _replicas.Start();
        Assert.Equal("value", await other.GetOrCreateAsync("key", _ => ValueTask.FromResult("other"), cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_value_that_cannot_be_written_stays_in_memory()
    {
        var value = await _one.GetOrCreateAsync<Func<int>>("key", _ => ValueTask.FromResult(() => 1), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Same(value, await _one.GetOrCreateAsync<Func<int>>("key", _ => ValueTask.FromResult(() => 2), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Null(_replicas.Shared.Find("entry:key"));
    }

    [Fact]
    public void A_shape_differs_with_each_field_name_and_type_at_any_depth()
    {
        string[] shapes =
        [
            Shape<Before.Thing>.Id, Shape<Renamed.Thing>.Id, Shape<Retyped.Thing>.Id, Shape<Deeper.Thing>.Id, Shape<Before.Thing[]>.Id,
            Shape<Dictionary<string, Before.Thing>>.Id, Shape<string>.Id, Shape<int>.Id, Shape<int?>.Id, Shape<DayOfWeek>.Id,
        ];
        Assert.Equal(shapes.Length, shapes.Distinct().Count());
        Assert.NotEmpty(Shape<Tree>.Id);
    }

    private static class Before
    {
        public sealed record Thing(string Name, Inner Inside);
        public sealed record Inner(int Count);
    }

    private static class Renamed
    {
        public sealed record Thing(string Title, Before.Inner Inside);
    }

    private static class Retyped
    {
        public sealed record Thing(int Name, Before.Inner Inside);
    }

    private static class Deeper
    {
        public sealed record Thing(string Name, Inner Inside);
        public sealed record Inner(long Count);
    }

    private sealed record Tree(string Name, IReadOnlyList<Tree> Below);

    [Fact]
    public async Task Each_level_is_counted()
    {
        await ReadAsync("key");
        await ReadAsync("key");
        await _replicas.Start().GetOrCreateAsync("key", _ => ValueTask.FromResult("other"), cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<IOException>(async () => await _one.GetOrCreateAsync<string>("bad", _ => throw new IOException("source"), cancellationToken: TestContext.Current.CancellationToken));
        _replicas.Shared.Put("entry:garbage", [1, 2, 3]);
        await ReadAsync("garbage");
        _replicas.Shared.IsDown = true;
        await ReadAsync("down");
        Assert.Equal(
            (1, 1, 4, 1, 1),
            (_replicas.Count("quayside.cache.hits", "memory"), _replicas.Count("quayside.cache.hits", "shared"), _replicas.Count("quayside.cache.misses"),
                _replicas.Count("quayside.cache.shared.failures", "parse"), _replicas.Count("quayside.cache.shared.failures", "read")));
        await _one.InvalidateAsync("key", 2);
        await _one.HearAsync(_replicas.Sent[0]);
        _replicas.IsBrokerDown = true;
        await _one.InvalidateAsync("key", 3);
        await _one.HearAsync("nonsense"u8.ToArray());
        Assert.Equal(
            (1, 1, 1, 1),
            (_replicas.Count("quayside.cache.invalidations", "sent"), _replicas.Count("quayside.cache.invalidations", "failed"),
                _replicas.Count("quayside.cache.invalidations", "repeated"), _replicas.Count("quayside.cache.invalidations", "unknown")));
    }

    private Task<string> ReadAsync(string key) => _one.GetOrCreateAsync(key, _ => ValueTask.FromResult("value"), cancellationToken: TestContext.Current.CancellationToken).AsTask();
}
