namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>The tables of the engine. A row of instance is one life of an id; its key is never used again. Times are 100 ns ticks since year 1.</summary>
internal static class WorkflowSchema
{
    public const string Sql = """
        CREATE TABLE IF NOT EXISTS instance(
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            id TEXT NOT NULL,
            generation INTEGER NOT NULL,
            status INTEGER NOT NULL,
            name TEXT,
            created INTEGER,
            started INTEGER,
            updated INTEGER,
            custom_status TEXT,
            parent_key INTEGER,
            parent_app TEXT,
            parent_id TEXT,
            start_at INTEGER,
            expires INTEGER,
            stalled BLOB,
            UNIQUE(app, id));
        CREATE INDEX IF NOT EXISTS instance_parent ON instance(parent_key) WHERE parent_key IS NOT NULL;
        CREATE INDEX IF NOT EXISTS instance_expires ON instance(expires) WHERE expires IS NOT NULL;
        CREATE TABLE IF NOT EXISTS history(key INTEGER, chunk INTEGER, events BLOB NOT NULL, PRIMARY KEY(key, chunk)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS inbox(key INTEGER, seq INTEGER, event BLOB NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS timer(key INTEGER, id INTEGER, generation INTEGER NOT NULL, due INTEGER NOT NULL, event BLOB NOT NULL, PRIMARY KEY(key, id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS task(
            key INTEGER, generation INTEGER, id INTEGER, app TEXT NOT NULL, request BLOB NOT NULL, router BLOB NOT NULL,
            PRIMARY KEY(key, generation, id)) WITHOUT ROWID;
        """;
}
