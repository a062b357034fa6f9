using Google.Protobuf.WellKnownTypes;
using System.Net.Http.Json;
using System.Text;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Tests.State;

public sealed class SqliteState : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{ "b":1, "a":2 }""", """{"a":2,"b":1}""")]
    [InlineData("\"<b>&é\\u2028\"", "\"\\u003cb\\u003e\\u0026é\\u2028\"")]
    [InlineData("[2.0, 1e3, 1e21, 0.123456789, 0.0000001, 19.99]", "[2,1000,1e+21,0.123456789,1e-7,19.99]")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("12345678901234567890", "12345678901234567000")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("1234567.89", "1234567.89")]
    [InlineData("null", "null")]
    public async Task Values_saved_over_HTTP_lie_in_the_file_as_daprd_writes_them(string sent, string stored)
    {
        await using var sidecar = await StartAsync();

        using var body = new StringContent($$"""[{"key":"k","value":{{sent}}}]""", Encoding.UTF8, "application/json");
        (await sidecar.Http.PostAsync("v1.0/state/store", body)).EnsureSuccessStatusCode();

        Assert.Equal((stored, 0L), Row("myapp||k"));
    }

    [Fact]
    public async Task A_number_that_Go_cannot_hold_is_malformed()
    {
        await using var sidecar = await StartAsync();

        using var body = new StringContent("""[{"key":"k","value":1e999}]""", Encoding.UTF8, "application/json");

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await sidecar.Http.PostAsync("v1.0/state/store", body)).StatusCode);
    }

    [Fact]
    public async Task Bytes_saved_over_gRPC_lie_there_in_base64_with_a_flag_even_when_they_are_JSON()
    {
        await using var sidecar = await StartAsync();

        await SaveAsync(sidecar, new StateItem { Key = "g", Value = ByteString.CopyFromUtf8("\"hello\"") });
        await SaveAsync(sidecar, new StateItem { Key = "j", Value = ByteString.CopyFromUtf8("{ \"b\":1 }"), Metadata = { ["contentType"] = "application/json" } });

        Assert.Equal(("ImhlbGxvIg==", 1L), Row("myapp||g"));
        Assert.Equal(("""{"b":1}""", 0L), Row("myapp||j"));
    }

    [Fact]
    public async Task A_row_that_another_program_wrote_is_read_and_updated_by_its_etag()
    {
        await using var sidecar = await StartAsync();
        using (var connection = Open())
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO state (key, value, is_binary, etag) VALUES ('myapp||k', '1', 0, 'my-etag')";
            insert.ExecuteNonQuery();
        }

        var found = await sidecar.Grpc.UnaryAsync(DaprMethods.GetState, new GetStateRequest { StoreName = "store", Key = "k" });
        await SaveAsync(sidecar, new StateItem { Key = "k", Value = ByteString.CopyFromUtf8("2"), Etag = new Etag { Value = found.Etag } });

        Assert.Equal("my-etag", found.Etag);
        Assert.Equal(("Mg==", 1L), Row("myapp||k"));
    }

    [Fact]
    public async Task A_lock_held_by_another_program_fails_the_save_after_busyTimeout_and_reads_go_on()
    {
        await using var sidecar = await StartAsync(("busyTimeout", "200ms"));
        (await sidecar.Http.PostAsJsonAsync("v1.0/state/store", new[] { new { key = "k", value = 1 } })).EnsureSuccessStatusCode();
        using var connection = Open();
        using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();

        var refused = await sidecar.Http.PostAsJsonAsync("v1.0/state/store", new[] { new { key = "k", value = 2 } });

        Assert.Equal(500, (int)refused.StatusCode);
        Assert.Equal("1", await sidecar.Http.GetStringAsync("v1.0/state/store/k"));
    }

    private Task<TestSidecar> StartAsync(params (string, string)[] metadata) =>
        TestSidecar.StartAsync(folder, [Yaml.Component("store", "state.sqlite", [("connectionString", folder.File("state.db")), .. metadata])]);

    private static Task<Empty> SaveAsync(TestSidecar sidecar, StateItem item) =>
        sidecar.Grpc.UnaryAsync(DaprMethods.SaveState, new SaveStateRequest { StoreName = "store", States = { item } });

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={folder.File("state.db")};Pooling=false");
        connection.Open();
        return connection;
    }

    private (string Value, long IsBinary) Row(string key)
    {
        using var connection = Open();
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT value, is_binary FROM state WHERE key = $key";
        select.Parameters.AddWithValue("$key", key);
        using var reader = select.ExecuteReader();
        Assert.True(reader.Read());
        return (reader.GetString(0), reader.GetInt64(1));
    }
}
