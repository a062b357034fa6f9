using System.Net;
using System.Net.Http.Json;
using System.Text;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Bindings;

public sealed class LocalStorage : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("aGVsbG8=", "hello")]
    [InlineData("line\nbreak \"quoted\"", "line\nbreak \"quoted\"")]
    public async Task A_string_is_written_without_its_quotes_and_base64_as_its_bytes(string sent, string written)
    {
        await using var sidecar = await StartAsync();

        var answer = await InvokeAsync(sidecar, "create", sent, "a/b.txt");

        Assert.Equal("""{"fileName":"a/b.txt"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(written, await File.ReadAllTextAsync(folder.File("mail/a/b.txt")));
    }

    [Fact]
    public async Task Two_dots_never_lead_out_of_the_root()
    {
        await using var sidecar = await StartAsync();

        await InvokeAsync(sidecar, "create", "x", "../../../escaped.txt");

        Assert.True(File.Exists(folder.File("mail/escaped.txt")));
        Assert.False(File.Exists(folder.File("escaped.txt")));
    }

    [Fact]
    public async Task Files_are_read_listed_with_their_full_paths_overwritten_and_deleted()
    {
        await using var sidecar = await StartAsync();
        await InvokeAsync(sidecar, "create", new { n = 1 }, "one.json");
        await InvokeAsync(sidecar, "create", new { n = 2 }, "one.json");

        Assert.Equal("""{"n":2}""", await (await InvokeAsync(sidecar, "get", null, "one.json")).Content.ReadAsStringAsync());
        Assert.Equal($"[\"{folder.File("mail/one.json")}\"]", await (await InvokeAsync(sidecar, "list", null, "")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await InvokeAsync(sidecar, "delete", null, "one.json")).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await InvokeAsync(sidecar, "get", null, "one.json")).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await InvokeAsync(sidecar, "fly", null, "one.json")).StatusCode);
    }

    [Fact]
    public async Task Over_gRPC_the_bytes_are_written_as_they_are()
    {
        await using var sidecar = await StartAsync();

        await sidecar.Grpc.UnaryAsync(DaprMethods.InvokeBinding, new InvokeBindingRequest
        {
            Name = "email",
            Operation = "create",
            Data = ByteString.CopyFrom([0, 255, 10, 13, 7]),
            Metadata = { ["fileName"] = "bytes" },
        });

        Assert.Equal([0, 255, 10, 13, 7], await File.ReadAllBytesAsync(folder.File("mail/bytes")));
    }

    private Task<TestSidecar> StartAsync() =>
        TestSidecar.StartAsync(folder, [Yaml.Component("email", "bindings.localstorage", ("rootPath", "./mail"))], Backends.Embedded);

    private static Task<HttpResponseMessage> InvokeAsync(TestSidecar sidecar, string operation, object? data, string fileName) =>
        sidecar.Http.PostAsJsonAsync("v1.0/bindings/email", new { operation, data, metadata = new { fileName } });
}
