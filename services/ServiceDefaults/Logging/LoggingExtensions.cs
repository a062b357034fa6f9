using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging;
using Quayside.ServiceDefaults.Hosting;
using Serilog;
using Serilog.Extensions.Logging;

namespace Quayside.ServiceDefaults.Logging;

internal static class LoggingExtensions
{
    private const string Template =
        "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext} {Message:lj} {TraceId} {SpanId}{NewLine}{Exception}";

    // First in line, so appsettings, environment and arguments override it (Logging__LogLevel__Default=Debug).
    private static readonly Dictionary<string, string?> Levels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:System"] = "Warning",
        // A refused token is the caller's business and a failed request is logged once, with its cause, by ProblemMiddleware.
        ["Logging:LogLevel:Microsoft.AspNetCore.Authentication"] = "Error",
        // What a probe finds is the prober's to tell; a service that is still starting is no error.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Critical",
    };

    public static WebApplicationBuilder AddLogging(this WebApplicationBuilder builder, string appId)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Levels });
        // Levels are decided once, by the framework's filters, before Serilog sees an event.
        var serilog = new LoggerConfiguration().MinimumLevel.Verbose().Enrich.FromLogContext().Enrich.WithProperty("App", appId);
        serilog = Container.IsHost(builder.Configuration)
            ? serilog.WriteTo.Console(new CompactJson())
            : serilog.WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture);
        // Not by AddSerilog: that also lets every level of every category through to Serilog.
        builder.Logging.ClearProviders().AddProvider(new SerilogLoggerProvider(serilog.CreateLogger(), dispose: true));
        return builder;
    }
}
