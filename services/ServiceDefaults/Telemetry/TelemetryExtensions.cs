using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Quayside.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>Without an endpoint nobody would read them, so nothing is recorded; trace ids still flow and stand on every log line.</summary>
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder, string appId)
    {
        if (!Uri.TryCreate(builder.Configuration[Endpoint], UriKind.Absolute, out var collector)) return builder;
        var http = builder.Configuration[Protocol] == "http/protobuf";
        // The framework tags its spans after OpenTelemetry's conventions only when asked.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        var resource = ResourceBuilder.CreateDefault().AddService(appId, serviceNamespace: "quayside");
        builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Dapr.Workflow", "Quayside.*")
            .AddOtlpExporter(o => Send(o, "v1/traces"))
            .Build());
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Quayside", "Quayside.*")
            .AddOtlpExporter(o => Send(o, "v1/metrics"))
            .Build());
        builder.Services.AddHostedService<Providers>();
        return builder;

        void Send(OtlpExporterOptions options, string path)
        {
            options.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
            options.Endpoint = http ? new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/{path}") : collector;
        }
    }

    // The container builds the providers when the host starts and flushes them when it stops.
    private sealed class Providers(TracerProvider traces, MeterProvider metrics) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            traces.ForceFlush(2000);
            metrics.ForceFlush(2000);
            return Task.CompletedTask;
        }
    }
}
