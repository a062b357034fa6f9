using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LocalDapr.Runtime.Cli.Run;

namespace LocalDapr.Runtime.Cli;

/// <summary><c>dapr publish</c> and <c>dapr invoke</c>, with the flags of the Dapr CLI 1.18: one call to a running sidecar.</summary>
internal static class CallCommands
{
    private static readonly Option<string?> Data = new("--data", "-d") { Description = "what to send" };
    private static readonly Option<string?> DataFile = new("--data-file", "-f") { Description = "a file with what to send" };
    private static readonly string[] CloudEventAttributes = ["id", "source", "specversion", "type", "data"];

    public static IEnumerable<Command> Create()
    {
        yield return Publish();
        yield return Invoke();
    }

    private static Command Publish()
    {
        var app = new Option<string>("--publish-app-id", "-i") { Description = "the app that publishes", Required = true };
        var pubsub = new Option<string>("--pubsub", "-p") { Description = "name of the pub/sub component", Required = true };
        var topic = new Option<string>("--topic", "-t") { Description = "the topic", Required = true };
        var metadata = new Option<string?>("--metadata", "-m") { Description = "metadata as a JSON object, such as '{\"ttlInSeconds\": \"10\"}'" };
        var command = new Command("publish", "Publishes an event as an app that runs here.") { app, pubsub, topic, metadata, Data, DataFile, HouseCommands.DataDir };
        command.SetAction(async (parsed, cancellation) =>
        {
            var data = await ReadDataAsync(parsed, cancellation);
            using var sidecar = await RunningSidecar.FindAsync(parsed.GetValue(HouseCommands.DataDir)!, parsed.GetValue(app), cancellation);
            var path = $"v1.0/publish/{Escape(parsed.GetValue(pubsub)!)}/{Escape(parsed.GetValue(topic)!)}{Query(parsed.GetValue(metadata))}";
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(data) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentTypeOf(data));
            await sidecar.SendAsync(request, cancellation);
            await Console.Out.WriteLineAsync("Event published successfully");
            return 0;
        });
        return command;
    }

    private static Command Invoke()
    {
        var app = new Option<string>("--app-id", "-a") { Description = "the app to call", Required = true };
        var method = new Option<string>("--method", "-m") { Description = "the method to call: a path of the app, with a query if need be", Required = true };
        var verb = new Option<string>("--verb", "-v") { Description = "HTTP verb", DefaultValueFactory = _ => "POST" };
        var command = new Command("invoke", "Calls a method of an app that runs here and prints the answer.") { app, method, verb, Data, DataFile, HouseCommands.DataDir };
        command.SetAction(async (parsed, cancellation) =>
        {
            var data = await ReadDataAsync(parsed, cancellation);
            using var sidecar = await RunningSidecar.FindAsync(parsed.GetValue(HouseCommands.DataDir)!, parsed.GetValue(app), cancellation);
            using var request = new HttpRequestMessage(new HttpMethod(parsed.GetValue(verb)!.ToUpperInvariant()), $"v1.0/invoke/{Escape(parsed.GetValue(app)!)}/method/{parsed.GetValue(method)!.TrimStart('/')}");
            if (data.Length > 0)
            {
                request.Content = new ByteArrayContent(data);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }
            var answer = await sidecar.SendAsync(request, cancellation);
            if (answer.Length > 0)
                await Console.Out.WriteLineAsync(answer);
            await Console.Error.WriteLineAsync("App invoked successfully");
            return 0;
        });
        return command;
    }

    private static async Task<byte[]> ReadDataAsync(ParseResult parsed, CancellationToken cancellation) => (parsed.GetValue(Data), parsed.GetValue(DataFile)) switch
    {
        ({ }, { }) => throw new IOException("Give --data or --data-file, not both."),
        ({ } text, null) => Encoding.UTF8.GetBytes(text),
        (null, { } file) => await File.ReadAllBytesAsync(file, cancellation),
        _ => [],
    };

    /// <summary>An event that is wrapped already is published as it is.</summary>
    private static string ContentTypeOf(byte[] data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            var isEvent = json.RootElement.ValueKind is JsonValueKind.Object && CloudEventAttributes.All(name => json.RootElement.TryGetProperty(name, out _));
            return isEvent ? "application/cloudevents+json" : "application/json";
        }
        catch (JsonException)
        {
            return "text/plain";
        }
    }

    private static string Query(string? metadata)
    {
        if (metadata is null)
            return "";
        try
        {
            var pairs = JsonSerializer.Deserialize<Dictionary<string, string>>(metadata) ?? [];
            return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs.Select(p => $"metadata.{Escape(p.Key)}={Escape(p.Value)}"));
        }
        catch (JsonException failure)
        {
            throw new IOException("--metadata is not a JSON object of text values, such as '{\"ttlInSeconds\": \"10\"}'.", failure);
        }
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
