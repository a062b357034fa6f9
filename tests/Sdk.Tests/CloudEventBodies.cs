using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Sdk.Tests;

public class CloudEventBodies
{
    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(string body, string contentType = "application/cloudevents+json", CloudEventsMiddlewareOptions? options = null)
    {
        await using var app = await WebApp.StartAsync(app =>
        {
            app.UseCloudEvents(options ?? new());
            app.MapPost("/", async (HttpRequest request) =>
            {
                var text = await new StreamReader(request.Body, Encoding.UTF8).ReadToEndAsync();
                var headers = string.Concat(request.Headers.Where(h => h.Key.StartsWith("Cloudevent.", StringComparison.Ordinal)).OrderBy(h => h.Key).Select(h => $"|{h.Key}={h.Value}"));
                return Results.Text($"{request.ContentType ?? "none"}|{text}{headers}");
            });
        });
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        using var response = await app.Client.PostAsync("/", content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"data": {"a": 1.10, "b":"ö"}}""", """application/json|{"a":1.10,"b":"\u00F6"}""")]
    [InlineData("""{"DATA":[1],"DataContentType":"application/json; charset=utf-8"}""", "application/json|[1]")]
    [InlineData("""{"data":"text","datacontenttype":"application/vnd.x+json"}""", "application/vnd.x+json|\"text\"")]
    [InlineData("""{"data":"text"}""", "application/json|\"text\"")]
    [InlineData("""{"data":"a \"b\"","datacontenttype":"text/plain"}""", "text/plain|a \"b\"")]
    [InlineData("""{"data_base64":"aGk=","datacontenttype":"application/octet-stream"}""", "application/octet-stream|hi")]
    [InlineData("""{"data":1,"datacontenttype":"not a type"}""", "application/json|1")]
    [InlineData("""{"id":"1"}""", "none|")]
    public async Task The_data_is_handed_on_with_its_type(string envelope, string expected) =>
        Assert.Equal((HttpStatusCode.OK, expected), await PostAsync(envelope));

    [Fact]
    public async Task Parameters_of_the_content_type_do_not_matter_and_other_types_pass()
    {
        Assert.Equal("application/json|1", (await PostAsync("""{"data":1}""", "application/cloudevents+json; charset=utf-8")).Body);
        Assert.Equal("""application/json|{"data":1}""", (await PostAsync("""{"data":1}""", "application/json")).Body);
    }

    [Fact]
    public async Task Data_twice_is_a_bad_request() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("""{"data":1,"data_base64":"aGk="}""")).Status);

    [Fact]
    public async Task Text_stays_json_when_told_so() =>
        Assert.Equal("text/plain|\"x\"", (await PostAsync("""{"data":"x","datacontenttype":"text/plain"}""", options: new() { SuppressJsonDecodingOfTextPayloads = true })).Body);

    [Theory]
    [InlineData(null, null, "application/json|1|Cloudevent.id=7|Cloudevent.source=s|Cloudevent.type=t")]
    [InlineData("type", null, "application/json|1|Cloudevent.type=t")]
    [InlineData(null, "type", "application/json|1|Cloudevent.id=7|Cloudevent.source=s")]
    public async Task Attributes_become_headers_when_asked_for(string? include, string? exclude, string expected) =>
        Assert.Equal(expected, (await PostAsync("""{"id":"7","source":"s","TYPE":"t","data":1,"pubsubname":"p","traceparent":"x","datacontenttype":"application/json"}""", options: new()
        {
            ForwardCloudEventPropertiesAsHeaders = true,
            IncludedCloudEventPropertiesAsHeaders = include is null ? null : [include],
            ExcludedCloudEventPropertiesFromHeaders = exclude is null ? null : [exclude],
        })).Body);

    [Fact]
    public async Task A_minimal_api_binds_the_data()
    {
        await using var app = await WebApp.StartAsync(app =>
        {
            app.UseCloudEvents();
            app.MapPost("/", (Dictionary<string, int> body) => body["a"] + 1);
        });
        using var content = new StringContent("""{"data":{"a":41}}""", MediaTypeHeaderValue.Parse("application/cloudevents+json"));

        using var response = await app.Client.PostAsync("/", content, TestContext.Current.CancellationToken);

        Assert.Equal("42", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
