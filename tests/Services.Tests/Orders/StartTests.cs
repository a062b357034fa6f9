using System.Text.Json.Nodes;
using Npgsql;
using Quayside.EventSourcing.Sql;
using Quayside.Servers;

namespace Quayside.Services.Tests.Orders;

/// <summary>How soon Orders serves after a restart must not depend on how much it has: nothing that a start does reads whole tables.</summary>
public sealed class StartTests(PostgresServer server) : IDisposable
{
    private const int Shards = 4;
    private const int Few = 1_000;
    private const int Many = 100_000;
    private const string Ada = "10000000-0000-4000-8000-00000000000a";

    private static readonly string OrdersDll = AppContext.BaseDirectory.Replace("Services.Tests", "Orders", StringComparison.Ordinal) + "Orders.dll";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quayside-start-");
    private readonly TestTokens _tokens = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task On_SQLite_a_start_reads_as_much_with_a_thousand_events_as_with_a_hundred_thousand()
    {
        var (few, many) = (await ReadAsync(Few), await ReadAsync(Many));
        // the smallest index of all orders has 800 KiB; trees that are deeper cost a page here and there
        Assert.True(many - few < 400 * 1024, $"{few:N0} bytes, {many:N0} bytes");

        async Task<long> ReadAsync(int events)
        {
            var folder = _folder.CreateSubdirectory($"{events}").FullName;
            await using (await StartAsync(folder))
            {
            }
            var order = await ManyOrders.AppendAsync([.. Enumerable.Range(0, Shards).Select(i => new DatabaseAddress.Sqlite(Path.Combine(folder, $"orders-{i}.db")))], events, Ada, Token);
            await using var orders = await StartAsync(folder);
            await ServesAsync(orders, order);
            return orders.BytesRead();
        }
    }

    [Fact]
    public async Task On_PostgreSQL_a_start_reads_as_many_rows_with_a_thousand_events_as_with_a_hundred_thousand()
    {
        var (few, many) = (await ReadAsync(Few), await ReadAsync(Many));
        Assert.True(many - few < 1_000, $"{few:N0} rows, {many:N0} rows");

        async Task<long> ReadAsync(int events)
        {
            var connection = await server.CreateDatabaseAsync();
            await using (await StartAsync(_folder.FullName, connection))
            {
            }
            var order = await ManyOrders.AppendAsync([.. Enumerable.Range(0, Shards).Select(i => new DatabaseAddress.Postgres(connection, $"orders_{i}"))], events, Ada, Token);
            await AskAsync(connection, "SELECT 1 FROM pg_stat_reset()");
            await using (var orders = await StartAsync(_folder.FullName, connection))
                await ServesAsync(orders, order);
            // a connection tells what it has read when it ends
            while (await AskAsync(connection, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") > 0)
                await Task.Delay(10, Token);
            return await AskAsync(connection, "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables) + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)");
        }
    }

    private async Task<OrdersProcess> StartAsync(string folder, string? connection = null) => await OrdersProcess.StartAsync(
        OrdersDll, folder, await _tokens.ReadAsync(Token), _tokens.For(Ada), connection is null ? [] : [("ConnectionStrings__Orders", connection)]);

    private static async Task ServesAsync(OrdersProcess orders, string orderId) =>
        Assert.Equal("shipped", JsonNode.Parse(await orders.GetAsync($"/api/orders/{orderId}"))!["status"]!.GetValue<string>());

    private static async Task<long> AskAsync(string connection, string question)
    {
        await using var open = new NpgsqlConnection(connection + ";Pooling=false");
        await open.OpenAsync(Token);
        await using var command = new NpgsqlCommand(question, open);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Token), null);
    }
}
