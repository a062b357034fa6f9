using Microsoft.Data.Sqlite;

namespace Quayside.Outside.Ledgers;

/// <summary>The statements of one connection, prepared once.</summary>
internal sealed class EntryTable
{
    private const string Columns = "kind, at, amount, currency, detail";
    private readonly SqliteCommand readKey;
    private readonly SqliteCommand readAll;
    private readonly SqliteCommand readAfter;
    private readonly SqliteCommand append;

    public EntryTable(SqliteConnection connection)
    {
        readKey = connection.CreateCommand();
        readKey.CommandText = $"SELECT position, key, {Columns} FROM lines WHERE ledger = $ledger AND key = $key ORDER BY no";
        readAll = connection.CreateCommand();
        readAll.CommandText = $"SELECT position, key, {Columns} FROM lines WHERE ledger = $ledger ORDER BY key, no";
        readAfter = connection.CreateCommand();
        // The plus keeps the index on ledgers out: the order of positions is that of the table itself.
        readAfter.CommandText = $"SELECT position, key, {Columns} FROM lines WHERE position > $after AND +ledger = $ledger ORDER BY position LIMIT $limit";
        append = connection.CreateCommand();
        append.CommandText = $"INSERT INTO lines (ledger, key, no, {Columns}) VALUES ($ledger, $key, $no, $kind, $at, $amount, $currency, $detail)";
    }

    public IReadOnlyList<Entry> Read(string ledger, string key) => [.. ReadKey(ledger, key).Select(row => row.Entry)];

    public IReadOnlyList<KeyedEntry> ReadKey(string ledger, string key)
    {
        Bind(readKey, ("$ledger", ledger), ("$key", key));
        return [.. Rows(readKey)];
    }

    public IReadOnlyList<KeyedEntry> ReadAfter(string ledger, long position, int limit)
    {
        Bind(readAfter, ("$ledger", ledger), ("$after", position), ("$limit", limit));
        return [.. Rows(readAfter)];
    }

    public IReadOnlyList<KeyedEntry> ReadAll(string ledger)
    {
        Bind(readAll, ("$ledger", ledger));
        return [.. Rows(readAll)];
    }

    public void Append(string ledger, string key, int no, Entry entry)
    {
        Bind(append, ("$ledger", ledger), ("$key", key), ("$no", no), ("$kind", entry.Kind), ("$at", entry.At.ToUnixTimeMilliseconds()),
            ("$amount", entry.Amount), ("$currency", entry.Currency), ("$detail", entry.Detail));
        append.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        command.Parameters.Clear();
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
    }

    private static IEnumerable<KeyedEntry> Rows(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new(reader.GetInt64(0), reader.GetString(1), new(
                reader.GetString(2),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)),
                reader.GetInt64(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6)));
        }
    }
}
