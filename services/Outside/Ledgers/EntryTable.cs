using Microsoft.Data.Sqlite;

namespace Quayside.Outside.Ledgers;

/// <summary>The statements of one connection, prepared once.</summary>
internal sealed class EntryTable
{
    private const string Columns = "kind, at, amount, currency, detail";
    private readonly SqliteCommand readKey;
    private readonly SqliteCommand readAll;
    private readonly SqliteCommand append;

    public EntryTable(SqliteConnection connection)
    {
        readKey = connection.CreateCommand();
        readKey.CommandText = $"SELECT key, {Columns} FROM entries WHERE ledger = $ledger AND key = $key ORDER BY no";
        readAll = connection.CreateCommand();
        readAll.CommandText = $"SELECT key, {Columns} FROM entries WHERE ledger = $ledger ORDER BY key, no";
        append = connection.CreateCommand();
        append.CommandText = $"INSERT INTO entries (ledger, key, no, {Columns}) VALUES ($ledger, $key, $no, $kind, $at, $amount, $currency, $detail)";
    }

    public IReadOnlyList<Entry> Read(string ledger, string key)
    {
        Bind(readKey, ("$ledger", ledger), ("$key", key));
        return [.. Rows(readKey).Select(row => row.Entry)];
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
            yield return new(reader.GetString(0), new(
                reader.GetString(1),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)),
                reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }
    }
}
