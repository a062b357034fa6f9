using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quayside.House.Tests;

/// <summary>Five failures within ten seconds open the breaker of an app for everybody: nobody may be able to make them.</summary>
public sealed partial class HostileInputTests
{
    private static readonly string[] Ids = ["%00", "%C3%A9", "%FF", "..%2f", "'%3B%20DROP%20TABLE%20orders", "00000000-0000-0000-0000-000000000000", new('9', 2_000)];

    private static readonly string[] Queries = ["", "?cursor=MToA", "?cursor=%00&limit=-1", "?limit=99999999999&state=%00", "?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk6eA"];

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-7", "application/json; charset=", "application/cloudevents+json", "application/x-www-form-urlencoded", "é", "*/*",
    ];

    private static readonly string[] Bodies =
    [
        "", "{", "[]", "null", "7", "\"\\ud800\"", """{"data_base64":"!!"}""", """{"\u0000":1}""", string.Concat(Enumerable.Repeat("{\"a\":", 200)),
        """{"email":"a\u0000@hostile.test","name":"\ud800","password":"a\u0000-pass-1234567"}""", """{"token":"eyJhbGciOiJkaXIiLCJraWQiOiJ4IiwiZW5jIjoiQTEyOEdDTSJ9.a.b.c.d"}""",
        """{"refreshToken":"a.b\u0000.c"}""", """{"items":[{"productId":"\u0000","quantity":1}],"payment":{"token":"\u0000"},"shipTo":{"name":"\u0000","street":"\u0000","city":"\u0000","postcode":"\u0000","country":"DE"}}""",
    ];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("X-Name", "é"), ("Cookie", "a=ü"), ("Idempotency-Key", "é"), ("Idempotency-Key", "a\u007f"), ("If-Match", "*"), ("If-Match", "\"x"), ("If-Match", "\"99999999999999999999\""),
        ("Last-Event-ID", "é"), ("Last-Event-ID", "-1"), ("Last-Event-ID", "99999999999999999999"), ("Consistency-Token", "MToA"), ("Consistency-Token", "é"), ("Range", "bytes=9-1"),
        ("Accept", "é"), ("X-Correlation-Id", "é"), ("traceparent", "00-é"), ("Content-Encoding", "br"), ("Origin", "é"),
    ];

    private static readonly string[] Tokens = ["Bearer é", "Bearer eyJhbGciOiJkaXIiLCJraWQiOiJ4IiwiZW5jIjoiQTEyOEdDTSJ9.a.b.c.d", "Basic ZGFwci1hcHAtaWQ6cGF5bWVudC1zZXJ2aWNl", "Bearer"];

    [Fact]
    public async Task Whatever_is_sent_to_an_operation_makes_no_failure()
    {
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8, UseCookies = false }) { BaseAddress = house.House.Http.BaseAddress };
        string?[] signed = [null, $"Bearer {await house.Demo.TokenAsync()}", $"Bearer {await house.Admin.TokenAsync()}"];
        var operations = JsonElement.Parse(await http.GetStringAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => (Path: path.Name, Method: HttpMethod.Parse(method.Name))))
            .Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal)).ToArray();
        List<string> failures = [];
        foreach (var (path, method) in operations)
        {
            foreach (var id in path.Contains('{', StringComparison.Ordinal) ? Ids : [""])
            {
                foreach (var query in method == HttpMethod.Get ? Queries : [""])
                    await TrySignedAsync(method, Parameter().Replace(path, id) + query);
            }

            var target = Parameter().Replace(path, "x");
            foreach (var header in Headers)
                await TrySignedAsync(method, target, header: header);
            foreach (var token in Tokens)
                await TryAsync(method, target, token);
            if (method == HttpMethod.Get || method == HttpMethod.Delete) continue;
            foreach (var type in ContentTypes)
                await TrySignedAsync(method, target, "{", type);
            foreach (var body in Bodies)
                await TrySignedAsync(method, target, body, "application/json");
        }

        Assert.Empty(failures);
        foreach (var path in new[] { "/api/products", $"/api/registrations/{Guid.NewGuid()}" })
        {
            using var other = await house.House.Http.GetAsync(path);
            Assert.True(other.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{path} {other.StatusCode}");
        }

        async Task TrySignedAsync(HttpMethod method, string target, string? body = null, string? type = null, (string Name, string Value)? header = null)
        {
            foreach (var authorization in signed)
                await TryAsync(method, target, authorization, body, type, header);
        }

        async Task TryAsync(HttpMethod method, string target, string? authorization, string? body = null, string? type = null, (string Name, string Value)? header = null)
        {
            // an admin's POST /api/admin/shards without body adds shards: that is for other tests
            if (target == "/api/admin/shards" && method == HttpMethod.Post && authorization == signed[2] && body is null) return;
            using var request = new HttpRequestMessage(method, new Uri(house.House.Http.BaseAddress + target.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
            if (header is not { Name: "Idempotency-Key" }) request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            if (body is not null)
            {
                request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            if (header is { } extra && !request.Headers.TryAddWithoutValidation(extra.Name, extra.Value)) request.Content?.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if ((int)answer.StatusCode >= 500) failures.Add($"{(int)answer.StatusCode} {method} {target} {authorization?[..Math.Min(12, authorization.Length)]} {header} {type} {body}");
        }
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
