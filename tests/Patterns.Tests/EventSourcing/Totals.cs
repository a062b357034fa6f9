using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;

namespace Quayside.Patterns.Tests.EventSourcing;

/// <summary>How many events each aggregate has.</summary>
internal sealed class Totals : IProjection
{
    public string Name => "totals";
    public int Version { get; init; } = 1;
    public int Weight { get; init; } = 1;

    public ValueTask CreateAsync(SqlSession session, string table) =>
        session.ScriptAsync($"CREATE TABLE {table} (id TEXT PRIMARY KEY, total BIGINT NOT NULL)");

    public async ValueTask ApplyAsync(SqlSession session, string table, IReadOnlyList<DomainEvent> events)
    {
        foreach (var happened in events)
            await session.ExecuteAsync(
                $"INSERT INTO {table} VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET total = {table}.total + excluded.total",
                happened.AggregateId, Weight);
    }
}
