using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quayside.ServiceDefaults.Logging;
using Serilog.Events;
using Serilog.Parsing;

namespace Quayside.Services.Tests.ServiceDefaults;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Requests_go_to_the_collector_under_the_services_name_and_route()
    {
        ConcurrentDictionary<string, string> received = new();
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, _ => Encoding.Latin1.GetString(body.ToArray()), (_, old) => old + Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync();

        await using (var app = await SmallApp.StartAsync(
            a => a.MapGet("/things/{id}", (string id) => id), null, null,
            "--Logging:LogLevel:Microsoft=Critical", $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Urls.Single()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"))
        {
            await app.Client.GetAsync("/things/7");
        }

        Assert.Contains("small-service", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("GET /things/{id}", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", received["/v1/metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_line_in_a_container_is_one_JSON_object_with_trace_and_span()
    {
        var (trace, span) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        var template = new MessageTemplateParser().Parse("{Count} of {@Thing}\n");
        var line = new StringWriter();
        new CompactJson().Format(
            new LogEvent(DateTimeOffset.UnixEpoch, LogEventLevel.Error, new InvalidOperationException("cause"), template,
                [new LogEventProperty("Count", new ScalarValue(2)), new LogEventProperty("@odd", new ScalarValue("\"q\""))], trace, span),
            line);

        Assert.Equal(line.ToString().Length - 1, line.ToString().IndexOf('\n', StringComparison.Ordinal));
        var json = JsonDocument.Parse(line.ToString()).RootElement;
        Assert.Equal(("1970-01-01T00:00:00.0000000Z", "Error"), (json.GetProperty("@t").GetString(), json.GetProperty("@l").GetString()));
        Assert.Equal((trace.ToHexString(), span.ToHexString()), (json.GetProperty("@tr").GetString(), json.GetProperty("@sp").GetString()));
        Assert.Equal((2, "\"q\""), (json.GetProperty("Count").GetInt32(), json.GetProperty("@@odd").GetString()));
        Assert.Contains("cause", json.GetProperty("@x").GetString(), StringComparison.Ordinal);
    }
}
