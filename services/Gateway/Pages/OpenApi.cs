namespace Quayside.Gateway.Pages;

/// <summary>GET /openapi/v1.json: the whole public surface in one document, written by hand beside the route table.</summary>
internal static class OpenApi
{
    private static readonly byte[] Document = ReadDocument();

    public static void MapOpenApi(this WebApplication app) =>
        app.MapGet("/openapi/v1.json", () => TypedResults.Bytes(Document, "application/json"));

    private static byte[] ReadDocument()
    {
        using var stream = typeof(OpenApi).Assembly.GetManifestResourceStream("openapi.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
