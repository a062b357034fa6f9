using System.Text;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>One HTTP/1 request as it goes over the wire.</summary>
internal sealed record HttpCase(byte[] Head, byte[] Body)
{
    private static readonly string[] ContentTypes =
        ["application/json", "application/cloudevents+json", "application/octet-stream", "text/plain", "application/grpc", "multipart/form-data; boundary=x", "json", "/", ";;;", "application/json; charset=utf-7"];

    private static readonly string[] QueryNames =
        ["metadata.ttlInSeconds", "metadata.rawPayload", "metadata.cloudevent.id", "metadata.cloudevent.type", "metadata.ttl", "metadata.", "metadata.ce_id", "concurrency", "consistency", "key", "instanceID", "appid", ""];

    private static readonly string[] HeaderNames =
        ["If-Match", "traceparent", "tracestate", "baggage", "dapr-app-id", "Authorization", "Expect", "Connection", "Upgrade", "Accept-Encoding", "grpc-timeout", "dapr-api-token", "X-Forwarded-For", "Origin"];

    public ReadOnlyMemory<byte> Bytes { get; } = (byte[])[.. Head, .. Body];

    /// <summary>A request that is over, for the route; what stands in its captures, query, headers and body is nonsense more often than not.</summary>
    /// <param name="random">The source of all choices.</param>
    /// <param name="method">The verb.</param>
    /// <param name="template">A route such as <c>v1.0/state/{store}/{key}</c>.</param>
    /// <param name="first">What the first capture is.</param>
    public static HttpCase For(Random random, string method, string template, string first)
    {
        var path = new StringBuilder();
        var isFirst = true;
        foreach (var segment in template.Split('/'))
        {
            path.Append('/');
            if (segment[0] != '{')
                path.Append(segment);
            else if (isFirst)
                path.Append(first);
            else
                path.Append(random.Next(2) == 0 ? random.GetItems(["wanted", "k", "1"], 1)[0] : random.Next(6) == 0 ? "%f%zz" : Escaped(random));
            isFirst &= segment[0] != '{';
        }
        for (var count = random.Next(3); count > 0; count--)
            path.Append(path.ToString().Contains('?') ? '&' : '?').Append(random.GetItems(QueryNames, 1)[0]).Append('=').Append(Escaped(random));
        var body = method is "GET" or "DELETE" ? [] : WrongJson.Create(random, template);
        var head = new MemoryStream();
        Write($"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length}\r\n");
        Write($"Content-Type: {(random.Next(2) == 0 ? "application/json" : random.GetItems(ContentTypes, 1)[0])}\r\n");
        for (var count = random.Next(3); count > 0; count--)
        {
            Write($"{random.GetItems(HeaderNames, 1)[0]}: ");
            head.Write(HeaderValue(random));
            Write("\r\n");
        }
        Write("\r\n");
        return new(head.ToArray(), body);

        void Write(string text) => head.Write(Encoding.UTF8.GetBytes(text));
    }

    public override string ToString() => Scraps.Show(Bytes.Span);

    private static string Escaped(Random random) => Uri.EscapeDataString(Scraps.Text(random) is { Length: <= 600 } text ? text : "long");

    private static byte[] HeaderValue(Random random)
    {
        byte[] value = random.Next(4) switch
        {
            0 => Encoding.UTF8.GetBytes(random.GetItems(["a=b", "a=\u0001", "k=v;p,x=\u007f", "00-11111111111111111111111111111111-2222222222222222-01", "01-11111111111111111111111111111111-2222222222222222-01-\u0002", "Basic ZGFwci1hcHAtaWQ6bXlhcHA="], 1)[0]),
            1 => Scraps.Bytes(random, 30),
            _ => Encoding.UTF8.GetBytes(Scraps.Text(random)),
        };
        return [.. value.Where(b => b is not ((byte)'\r' or (byte)'\n' or 0)).Take(random.Next(40) == 0 ? 9000 : 200)];
    }
}
