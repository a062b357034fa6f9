using System.Data.Common;
using Quayside.EventSourcing.Sql;

namespace Quayside.RelayProcess;

internal sealed class FaultySession(SqlSession inner, Fault fault) : SqlSession
{
    /// <summary>The lines around the last statement, if it is one of those that matter.</summary>
    public Lines? Last { get; private set; }

    public override ValueTask ScriptAsync(string sql) => inner.ScriptAsync(sql);

    public override ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> arguments)
    {
        Before(sql);
        return Within(inner.ExecuteAsync(sql, arguments));
    }

    public override ValueTask<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments)
    {
        Before(sql);
        return Within(inner.ReadAsync(sql, map, arguments));
    }

    public override ValueTask<T?> ReadFirstAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments)
        where T : default
    {
        Before(sql);
        return Within(inner.ReadFirstAsync(sql, map, arguments));
    }

    public override ValueTask LockAsync(string name) => inner.LockAsync(name);

    private void Before(string sql)
    {
        Last = Lines.Around(sql) ?? Last;
        if (Last?.Before is { } before)
            fault.Pass(before);
    }

    private ValueTask<T> Within<T>(ValueTask<T> running)
    {
        if (Last?.Within is { } within)
            fault.Pass(within);
        return running;
    }

    internal sealed record Lines(FaultPoint? Before, FaultPoint? Within, FaultPoint After)
    {
        public static Lines? Around(string sql) => sql switch
        {
            _ when sql.Contains("INSERT INTO events", StringComparison.Ordinal) || sql.Contains("append_events(", StringComparison.Ordinal) =>
                new(FaultPoint.BeforeTheAppend, FaultPoint.WithinTheAppend, FaultPoint.AfterTheAppend),
            _ when sql.Contains("SET epoch = epoch + 1", StringComparison.Ordinal) => new(null, null, FaultPoint.AfterTheLease),
            _ when sql.StartsWith("UPDATE outbox_relay SET expires = $1, tx = $2", StringComparison.Ordinal) =>
                new(FaultPoint.BeforeTheMark, FaultPoint.WithinTheMark, FaultPoint.AfterTheMark),
            _ => null,
        };
    }
}
