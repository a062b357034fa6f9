using FsCheck;
using FsCheck.Fluent;
using Quayside.Caching;

namespace Quayside.Patterns.Tests.Caching;

/// <summary>A load that was slower than an invalidation never wins: two replicas, one second level, a broadcast that delays, repeats and drops, in any order of events.</summary>
public sealed class RaceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whoever_has_made_or_heard_an_invalidation_reads_nothing_older(bool isVersioned) =>
        Walk(isVersioned, withOutages: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whoever_has_not_heard_reads_nothing_that_was_replaced_more_than_30_seconds_ago(bool isVersioned) =>
        Walk(isVersioned, withOutages: false);

    private static void Walk(bool isVersioned, bool withOutages)
    {
        var steps = Gen.Choose(0, 9_999).ArrayOf().Resize(60);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(1_000).WithEndSize(60),
            Prop.ForAll(steps.ToArbitrary(), moves =>
            {
                // continuations run where they are called from, so a walk is the same each time
                SynchronizationContext.SetSynchronizationContext(null);
                using var world = new World(isVersioned, withOutages);
                foreach (var move in moves)
                    world.Make(move);
                world.End();
            }));
    }

    private sealed class World : IDisposable
    {
        private readonly Replicas _replicas = new();
        private readonly MultiLevelCache[] _caches;
        private readonly bool _isVersioned;
        private readonly bool _withOutages;
        private readonly List<TaskCompletionSource> _loads = [];
        private readonly List<(int Replica, byte[] Message, long Version)> _inbox = [];
        private readonly List<(Task<object> Answer, long Floor)> _reads = [];
        private readonly List<(DateTimeOffset At, long Version)> _history = [];
        private readonly long[] _knows = [1, 1];
        private readonly Queue<string> _story = [];
        private long _source = 1;

        public World(bool isVersioned, bool withOutages)
        {
            (_isVersioned, _withOutages) = (isVersioned, withOutages);
            _caches = [_replicas.Start(), _replicas.Start()];
            _history.Add((DateTimeOffset.MinValue, 1));
        }

        public void Make(int move)
        {
            var (kind, replica, which) = (move % 10, move / 10 % 2, move / 20);
            switch (kind)
            {
                case 0 or 1:
                    Tell($"{replica} begins a slow load of {_source}");
                    var gate = new TaskCompletionSource();
                    _reads.Add((ReadAsync(replica, gate.Task), _knows[replica]));
                    _loads.Add(gate);
                    break;
                case 2 when _loads.Count > 0:
                    Tell($"load {which % _loads.Count} ends");
                    _loads[which % _loads.Count].TrySetResult();
                    _loads.RemoveAt(which % _loads.Count);
                    break;
                case 3:
                    Change(replica);
                    break;
                case 4 or 5 when _inbox.Count > 0:
                    Hear(which % _inbox.Count, isAgain: kind == 5);
                    break;
                case 6 when _inbox.Count > 0:
                    Tell("a message is lost");
                    _inbox.RemoveAt(which % _inbox.Count);
                    break;
                case 7:
                    Tell("time passes");
                    _replicas.Time.Advance(TimeSpan.FromSeconds(which % 13));
                    break;
                case 8 when _withOutages:
                    _replicas.Shared.IsDown = !_replicas.Shared.IsDown;
                    Tell($"the second level is {(_replicas.Shared.IsDown ? "down" : "up")}");
                    break;
                default:
                    Read(replica);
                    break;
            }
        }

        public void End()
        {
            foreach (var gate in _loads)
                gate.TrySetResult();
            Assert.True(Task.WaitAll([.. _reads.Select(read => read.Answer)], TimeSpan.FromSeconds(20)), "a caller was never answered");
            foreach (var (answer, floor) in _reads)
                Check(VersionOf(answer.Result) >= floor, $"a read got {VersionOf(answer.Result)}, {floor} was known as it began");
            Read(0);
            Read(1);
        }

        private void Change(int replica)
        {
            _source++;
            Tell($"{replica} changes the source to {_source}");
            var sent = _replicas.Sent.Count;
            var told = _caches[replica].InvalidateAsync("key", _isVersioned ? _source : null).AsTask();
            Check(told.IsCompletedSuccessfully, "the invalidation waits for something");
            _history.Add((_replicas.Time.GetUtcNow(), _source));
            _knows[replica] = _source;
            foreach (var message in _replicas.Sent.Skip(sent))
                _inbox.AddRange([(0, message, _source), (1, message, _source)]);
        }

        private void Hear(int index, bool isAgain)
        {
            var (replica, message, version) = _inbox[index];
            Tell($"{replica} hears of {version}{(isAgain ? ", and will again" : "")}");
            Check(_caches[replica].HearAsync(message).AsTask().IsCompletedSuccessfully, "hearing waits for something");
            _knows[replica] = Math.Max(_knows[replica], version);
            if (!isAgain)
                _inbox.RemoveAt(index);
        }

        private void Read(int replica)
        {
            var read = ReadAsync(replica, Task.CompletedTask);
            // else it waits for a load in the air that began after what is known
            if (!read.IsCompleted)
            {
                _reads.Add((read, _knows[replica]));
                return;
            }
            var version = VersionOf(read.Result);
            Tell($"{replica} reads {version}");
            Check(version >= _knows[replica], $"{_knows[replica]} was known");
            if (_withOutages)
                return;
            var oldest = _history.Last(change => change.At < _replicas.Time.GetUtcNow() - TimeSpan.FromSeconds(30)).Version;
            Check(version >= oldest, $"{oldest} was there 30 s ago");
        }

        private Task<object> ReadAsync(int replica, Task gate) => _caches[replica].GetOrCreateAsync<object>("key", async _ =>
        {
            object value = _isVersioned ? new Doc("doc", _source) : new Plain(_source);
            await gate.ConfigureAwait(false);
            return value;
        }).AsTask();

        private static long VersionOf(object value) => value switch
        {
            Doc doc => doc.Version,
            Plain plain => plain.Number,
            System.Text.Json.JsonElement json => json.TryGetProperty("number", out var number) ? number.GetInt64() : json.GetProperty("version").GetInt64(),
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        };

        private void Tell(string line) => _story.Enqueue(line);

        private void Check(bool holds, string what) => Assert.True(holds, $"{what}:\n{string.Join('\n', _story)}");

        public void Dispose() => _replicas.Dispose();
    }

    private sealed record Plain(long Number);
}
