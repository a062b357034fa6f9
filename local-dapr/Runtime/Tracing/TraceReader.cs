using System.Globalization;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Tracing;

/// <summary>Reads the trace of each API call under <c>spec.tracing.samplingRate</c>.</summary>
public sealed class TraceReader
{
    private readonly double? rate;

    public TraceReader(DaprConfiguration configuration)
    {
        if (configuration.Spec.Text("tracing.samplingRate") is { Length: > 0 } text)
            rate = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? Math.Clamp(value, 0, 1) : 0;
    }

    /// <summary>Null when the baggage is broken: such a call is refused with 400, unless tracing is off.</summary>
    public TraceContext? Read(IHeaderDictionary headers)
    {
        var caller = headers.TraceParent.ToString();
        if (!Traceparent.IsValid(caller))
            caller = "";
        var state = headers.TraceState.ToString();
        if (HasControls(state))
            state = "";
        var baggage = headers.Baggage.ToString();
        if (baggage.Length > 0 && rate != 0 && !IsBaggage(baggage))
            return null;
        return rate switch
        {
            null => caller.Length + state.Length + baggage.Length == 0 ? TraceContext.None : new TraceContext(caller, caller, state, baggage, true),
            0 => caller.Length + state.Length + baggage.Length == 0 ? TraceContext.None : new TraceContext(caller, "", state, baggage, false),
            _ => new TraceContext(caller, Traceparent.Create(caller, Random.Shared.NextDouble() < rate), state, baggage, true),
        };
    }

    /// <summary>No header that goes out may hold them; a tab is the only one that may come in by the standard.</summary>
    private static bool HasControls(string text) => HeaderText.HasControls(text) || text.Contains('\x7f', StringComparison.Ordinal);

    private static bool IsBaggage(string text)
    {
        if (HasControls(text.Replace('\t', ' ')))
            return false;
        foreach (var member in text.Split(','))
        {
            var pair = member.AsSpan();
            if (pair.IndexOf(';') is >= 0 and var properties)
                pair = pair[..properties];
            var equals = pair.IndexOf('=');
            if (equals <= 0 || pair[..equals].Trim() is var name && (name.IsEmpty || name.ContainsAny(" \t\"(),/:;<=>?@[\\]{}")))
                return false;
            if (pair[(equals + 1)..].Trim().ContainsAny(" \t\"\\"))
                return false;
        }
        return true;
    }
}
