using System.Text;
using Quayside.Caching;

namespace Quayside.Patterns.Tests.Caching;

/// <summary>What one replica knows the others hear, whatever the broker does with it.</summary>
public sealed class BroadcastTests : IDisposable
{
    private readonly Replicas _replicas = new();
    private readonly MultiLevelCache _one;
    private readonly MultiLevelCache _two;

    public BroadcastTests() => (_one, _two) = (_replicas.Start(), _replicas.Start());

    public void Dispose() => _replicas.Dispose();

    [Theory]
    [InlineData(6L)]
    [InlineData(null)]
    public async Task A_replica_that_hears_reads_again(long? version)
    {
        await ReadAsync(_two, 5);
        await _one.InvalidateAsync("key", version);
        Assert.Equal(5, await ReadAsync(_two, 6));
        await _two.HearAsync(Assert.Single(_replicas.Sent));
        Assert.Equal(6, await ReadAsync(_two, 6));
    }

    [Fact]
    public async Task A_replica_that_hears_of_a_tag_reads_again_what_carries_it()
    {
        await _two.GetOrCreateAsync("key", _ => ValueTask.FromResult(1), tags: ["fruit"], cancellationToken: TestContext.Current.CancellationToken);
        await _one.InvalidateTagAsync("fruit");
        await _two.HearAsync(Assert.Single(_replicas.Sent));
        Assert.Equal(2, await _two.GetOrCreateAsync("key", _ => ValueTask.FromResult(2), tags: ["fruit"], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Another_service_with_a_second_level_of_its_own_hears_in_both_levels()
    {
        var elsewhere = new Replicas();
        var (three, four) = (elsewhere.Start(), elsewhere.Start());
        await ReadAsync(three, 5);
        await _one.InvalidateAsync("key", 6);
        await three.HearAsync(_replicas.Sent[0]);
        Assert.Equal(6, await ReadAsync(four, 6));
        Assert.Empty(elsewhere.Sent);
        elsewhere.Dispose();
    }

    [Fact]
    public async Task A_repeated_or_late_message_removes_nothing_that_is_newer()
    {
        await _one.InvalidateAsync("key", 6);
        await _two.HearAsync(_replicas.Sent[0]);
        await ReadAsync(_two, 7);
        await _two.HearAsync(_replicas.Sent[0]);
        _replicas.Time.Advance(TimeSpan.FromSeconds(20));
        await _two.HearAsync(_replicas.Sent[0]);
        Assert.Equal(7, await ReadAsync(_two, 8));
        var calls = _replicas.Shared.Calls;
        await _two.HearAsync(_replicas.Sent[0]);
        Assert.Equal(calls, _replicas.Shared.Calls);
    }

    [Fact]
    public async Task A_broker_that_is_down_is_no_error_and_is_told_when_it_is_back()
    {
        await ReadAsync(_one, 5);
        _replicas.IsBrokerDown = true;
        await _one.InvalidateAsync("key", 6);
        await _one.InvalidateAsync("key", 7);
        Assert.Equal(7, await ReadAsync(_one, 7));
        Assert.Equal(7, await ReadAsync(_two, 7));
        _replicas.IsBrokerDown = false;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_replicas.Sent.Count == 0)
        {
            _replicas.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, deadline.Token);
        }
        // only the newest of one key is told
        Assert.Contains("\"version\":7", Encoding.UTF8.GetString(_replicas.Sent[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"key":null,"tag":null,"version":1,"at":1}""")]
    [InlineData("""{"key":"key","tag":"key","version":1,"at":1}""")]
    [InlineData("""{"key":"key","version":-1,"at":1}""")]
    [InlineData("""{"key":"key","version":1,"at":0}""")]
    [InlineData("""{"key":"a||b","version":1,"at":1}""")]
    [InlineData("""{"key":"key","version":0,"at":1}""")]
    [InlineData("""{"key":"key","version":7,"at":1,"id":"1"}""")]
    [InlineData("""{"key":7,"version":1,"at":1}""")]
    [InlineData("not json")]
    public async Task A_message_that_is_none_changes_nothing(string message)
    {
        await ReadAsync(_one, 5);
        await _one.HearAsync(Encoding.UTF8.GetBytes(message));
        Assert.Equal(5, await ReadAsync(_one, 6));
    }

    [Fact]
    public async Task A_clock_that_is_ahead_invalidates_nothing_that_is_loaded_later()
    {
        var ahead = _replicas.Time.GetUtcNow().AddHours(1).UtcTicks;
        await _one.HearAsync(Encoding.UTF8.GetBytes($$"""{"tag":"fruit","version":0,"at":{{ahead}},"id":"1"}"""));
        _replicas.Time.Advance(TimeSpan.FromSeconds(6));
        await _one.GetOrCreateAsync("key", _ => ValueTask.FromResult(1), tags: ["fruit"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(1, await _two.GetOrCreateAsync("key", _ => ValueTask.FromResult(2), tags: ["fruit"], cancellationToken: TestContext.Current.CancellationToken));
    }

    private static async Task<long> ReadAsync(MultiLevelCache cache, long version) =>
        (await cache.GetOrCreateAsync("key", _ => ValueTask.FromResult(new Doc("doc", version)), cancellationToken: TestContext.Current.CancellationToken)).Version;
}
