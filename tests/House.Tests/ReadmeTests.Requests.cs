using System.Text;
using System.Text.Json.Nodes;
using Quayside.OpenApi;

namespace Quayside.House.Tests;

public sealed partial class ReadmeTests
{
    /// <summary>A saga that was just asked for, a registration: what is not there yet is asked for again.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_requests_file_works_from_top_to_bottom()
    {
        var file = HttpFile.Read();
        var answers = new Dictionary<string, (HttpResponseMessage Answer, JsonNode? Body)>();
        foreach (var request in file.Requests)
        {
            // nothing is parked
            var expected = request.Target.Contains("/parked/notification-service/", StringComparison.Ordinal) ? 404 : 200;
            var key = Guid.NewGuid().ToString();
            var answer = await Shopper.UntilAsync(() => SendAsync(request, key), answer => (int)answer.StatusCode / 100 == expected / 100, Limit);
            var text = await answer.Content.ReadAsStringAsync();
            if (request.Name is { } name)
                answers[name] = (answer, JsonNode.Parse(text));
            if (request.Target.EndsWith("/stream", StringComparison.Ordinal))
                Assert.Contains("\"shipped\"", text, StringComparison.Ordinal);
        }

        async Task<HttpResponseMessage> SendAsync(HttpFileRequest request, string key)
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), Fill(request.Target, key));
            if (request.Body.Length > 0)
                message.Content = new StringContent(Fill(request.Body, key), Encoding.UTF8, "application/json");
            foreach (var (name, value) in request.Headers.Where(header => header.Name != "Content-Type"))
                message.Headers.Add(name, Fill(value, key));
            return await house.House.Http.SendAsync(message);
        }

        string Fill(string text, string key) => HttpFile.Fill(text, name => name.Split('.') switch
        {
            ["gateway"] => "",
            ["$guid"] => key,
            [var variable] => file.Variables[variable],
            [var earlier, "response", "body", "$", var field] => answers[earlier].Body![field]!.GetValue<string>(),
            [var earlier, "response", "headers", var header] => answers[earlier].Answer.Headers.GetValues(header).Single(),
            _ => throw new FormatException(name),
        });
    }
}
