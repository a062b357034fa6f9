using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Quayside.Services.Tests.ServiceDefaults;

public sealed class ProblemDetailsTests
{
    [Theory]
    [InlineData("""{"items":[{"productId":"p-1","quantity":1}""", "items[1]")]
    [InlineData("""{"items" "x"}""", "$")]
    [InlineData("", "$")]
    [InlineData("null", "$")]
    [InlineData("nonsense", "$")]
    [InlineData("[]", "$")]
    [InlineData("""{"items":[{"productId":"p-1","quantity":"two"}]}""", "items[0].quantity")]
    [InlineData("""{"items":[{"productId":"p-1","quantity":99999999999}]}""", "items[0].quantity")]
    [InlineData("""{"items":[{"productId":"p-1","quantity":1.5}]}""", "items[0].quantity")]
    [InlineData("""{"items":[{"productId":"p-1","quantity":1,"price":0}]}""", "items[0].price")]
    [InlineData("""{"items":[{"productId":"p-1"}]}""", "items[0].quantity")]
    [InlineData("""{"items":[{"productId":"p-1","quantity":1,"quantity":2}]}""", "items[0].quantity")]
    [InlineData("""{"items":[{"productId":null,"quantity":1}]}""", "items[0].productId")]
    [InlineData("""{"items":[],"admin":{"a":1}}""", "admin")]
    [InlineData("{}", "items")]
    [InlineData("""{"items":null}""", "items")]
    public async Task A_body_that_cannot_be_read_is_400_and_names_the_field(string body, string field)
    {
        await using var app = await SmallApp.StartAsync(a => a.MapPost("/baskets", (Basket basket) => basket.Items.Count));
        using var answer = await app.Client.PostAsync("/baskets", new StringContent(body, Encoding.UTF8, "application/json"));

        var problem = await ProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.Equal(field, problem.GetProperty("errors").EnumerateObject().Single().Name);
        Assert.DoesNotContain("Quayside", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parameter_that_cannot_be_read_is_400_and_named()
    {
        await using var app = await SmallApp.StartAsync(a => a.MapGet("/things/{id}", (Guid id, int limit) => $"{id}{limit}"));

        var wrong = await ProblemAsync(await app.Client.GetAsync("/things/seven?limit=1"), HttpStatusCode.BadRequest);
        Assert.True(wrong.GetProperty("errors").TryGetProperty("id", out _), wrong.GetRawText());
        var missing = await ProblemAsync(await app.Client.GetAsync($"/things/{Guid.Empty}"), HttpStatusCode.BadRequest);
        Assert.Equal("is required", missing.GetProperty("errors").GetProperty("limit")[0].GetString());
    }

    [Fact]
    public async Task A_body_over_64_KiB_is_413()
    {
        await using var app = await SmallApp.StartAsync(a => a.MapPost("/baskets", (Basket basket) => basket.Items.Count));
        var body = "{\"items\":[" + new string(' ', 64 * 1024) + "]}";
        using var answer = await app.Client.PostAsync("/baskets", new StringContent(body, Encoding.UTF8, "application/json"));
        await ProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Unknown_paths_methods_and_media_types_are_problems_too()
    {
        await using var app = await SmallApp.StartAsync(a => a.MapPost("/baskets", (Basket basket) => basket.Items.Count));
        await ProblemAsync(await app.Client.GetAsync("/nowhere"), HttpStatusCode.NotFound);
        await ProblemAsync(await app.Client.GetAsync("/baskets"), HttpStatusCode.MethodNotAllowed);
        await ProblemAsync(await app.Client.PostAsync("/baskets", new StringContent("x")), HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("application/json; charset=utf-7", 415)]
    [InlineData("application/json; charset=nonsense", 415)]
    [InlineData("application/json; charset=", 415)]
    [InlineData("application/json; charset=UTF-8", 200)]
    [InlineData("application/json; charset=\"utf-8\"", 200)]
    public async Task Only_UTF8_is_read_under_each_spelling_of_its_name(string contentType, int status)
    {
        await using var app = await SmallApp.StartAsync(a => a.MapPost("/baskets", (Basket basket) => basket.Items.Count));
        using var basket = new ByteArrayContent("""{"items":[]}"""u8.ToArray());
        basket.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var answer = await app.Client.PostAsync("/baskets", basket);
        if (status == 200)
            Assert.Equal("0", await answer.Content.ReadAsStringAsync());
        else
            await ProblemAsync(answer, (HttpStatusCode)status);
    }

    [Fact]
    public async Task A_failure_is_500_and_tells_nothing_but_its_trace_id()
    {
        await using var app = await SmallApp.StartAsync(a => a.MapGet("/fails", string () => throw new InvalidOperationException("the secret cause")));
        var problem = await ProblemAsync(await app.Client.GetAsync("/fails"), HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", problem.GetProperty("traceId").GetString());
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem;
    }

    internal sealed record Basket(IReadOnlyList<Line> Items);

    internal sealed record Line(string ProductId, int Quantity);
}
