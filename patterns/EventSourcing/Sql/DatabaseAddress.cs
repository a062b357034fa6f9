using System.Text.RegularExpressions;
using Quayside.EventSourcing.Postgres;
using Quayside.EventSourcing.Sqlite;

namespace Quayside.EventSourcing.Sql;

/// <summary>Where a database is. The same portable SQL runs on both kinds: types TEXT, BIGINT and BYTEA, parameters $1, $2, ..., texts compared by their bytes.</summary>
public abstract partial record DatabaseAddress
{
    private DatabaseAddress() { }

    /// <summary>A file, whose folder is created.</summary>
    public sealed record Sqlite(string Path, Durability Durability = Durability.Process) : DatabaseAddress
    {
        public override SqlDatabase Open(string schema) => new SqliteDatabase(Path, schema, Durability);
    }

    /// <summary>A schema of a PostgreSQL database, which is created. What a commit survives is the server's setting.</summary>
    /// <param name="Schema">A lower-case identifier.</param>
    public sealed partial record Postgres(string ConnectionString, string Schema) : DatabaseAddress
    {
        public string Schema { get; } = Identifier().IsMatch(Schema)
            ? Schema
            : throw new ArgumentException($"'{Schema}' is not a lower-case identifier of at most 40 characters", nameof(Schema));

        public override SqlDatabase Open(string schema) => new PostgresDatabase(ConnectionString, Schema, schema);

        [GeneratedRegex("^[a-z_][a-z0-9_]{0,39}$")]
        private static partial Regex Identifier();
    }

    /// <param name="schema">Statements that create what is missing.</param>
    public abstract SqlDatabase Open(string schema);
}

/// <summary>What a commit survives.</summary>
public enum Durability
{
    /// <summary>The death of the process (synchronous=NORMAL).</summary>
    Process,

    /// <summary>Loss of power too (synchronous=FULL): one disk flush a group of writes.</summary>
    Power,
}
