using System.Globalization;
using Microsoft.Extensions.Options;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Forgetting;
using Quayside.Orders.Privacy;
using Quayside.ServiceDefaults.Hosting;
using Quayside.Sharding.Resharding;

namespace Quayside.Orders.Storage;

/// <summary>
/// Where Orders keeps its data. By default SQLite files of the service: orders-0.db, orders-1.db, ... and directory.db. With the connection string
/// <c>Orders</c> a PostgreSQL database with a schema per shard; with <c>Orders0</c>, <c>Orders1</c>, ... a database per shard.
/// </summary>
internal sealed class OrdersDatabases : IAsyncDisposable
{
    /// <summary>Where the keys of the users were before the directory.</summary>
    private const string OlderVersion = "user-keys.db";

    private readonly DataDirectory _data;
    private readonly IConfiguration _configuration;
    private readonly Durability _durability;

    public OrdersDatabases(DataDirectory data, IConfiguration configuration, IOptions<OrdersOptions> options)
    {
        (_data, _configuration) = (data, configuration);
        if (File.Exists(data.File(OlderVersion)))
            throw new InvalidOperationException($"The data of Orders in {data.Path} are of an earlier version, which this one does not read: move them away (./dapr reset wipes a local installation).");
        _durability = options.Value.SurvivePowerLoss ? Durability.Power : Durability.Process;
        Directory = At("directory", "orders", shard: 0).Open(UserKeys.Schema + ForgottenUsers.Schema + ShardDirectory.Schema);
    }

    /// <summary>What all shards share: the table of buckets and the keys of the users.</summary>
    public SqlDatabase Directory { get; }

    public DatabaseAddress Shard(int shard)
    {
        var name = shard.ToString(CultureInfo.InvariantCulture);
        return At($"orders-{name}", $"orders_{name}", shard);
    }

    private DatabaseAddress At(string file, string schema, int shard)
    {
        var connection = _configuration.GetConnectionString(string.Create(CultureInfo.InvariantCulture, $"Orders{shard}")) ?? _configuration.GetConnectionString("Orders");
        return connection is null ? new DatabaseAddress.Sqlite(_data.File($"{file}.db"), _durability) : new DatabaseAddress.Postgres(connection, schema);
    }

    public ValueTask DisposeAsync() => Directory.DisposeAsync();
}
