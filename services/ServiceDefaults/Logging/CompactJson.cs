using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;

namespace Quayside.ServiceDefaults.Logging;

/// <summary>One compact JSON object a line, with the member names of CLEF: @t, @m, @l, @x, @tr, @sp.</summary>
internal sealed class CompactJson : ITextFormatter
{
    private readonly JsonValueFormatter values = new(typeTagName: "$type");

    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write("{\"@t\":\"");
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        output.Write('"');
        Member(output, "@m", logEvent.RenderMessage(CultureInfo.InvariantCulture));
        if (logEvent.Level != LogEventLevel.Information) Member(output, "@l", logEvent.Level.ToString());
        if (logEvent.Exception is { } exception) Member(output, "@x", exception.ToString());
        if (logEvent.TraceId is { } trace) Member(output, "@tr", trace.ToHexString());
        if (logEvent.SpanId is { } span) Member(output, "@sp", span.ToHexString());
        foreach (var (name, value) in logEvent.Properties)
        {
            output.Write(',');
            // CLEF: a name that starts with @ is escaped by doubling it.
            JsonValueFormatter.WriteQuotedJsonString(name.StartsWith('@') ? '@' + name : name, output);
            output.Write(':');
            values.Format(value, output);
        }

        output.Write("}\n");
    }

    private static void Member(TextWriter output, string name, string value)
    {
        output.Write(",\"");
        output.Write(name);
        output.Write("\":");
        JsonValueFormatter.WriteQuotedJsonString(value, output);
    }
}
