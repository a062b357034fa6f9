namespace LocalDapr.Runtime.Tracing;

/// <summary>
/// The trace that one API call belongs to (contract sections 5 and 17). All values are header texts, empty when there is none.
/// </summary>
/// <param name="Caller">traceparent as the caller sent it, if valid.</param>
/// <param name="Own">What the sidecar makes of it: with no configuration the caller's, with a sampling rate a span of its own, with rate 0 nothing.</param>
/// <param name="State">tracestate of the caller.</param>
/// <param name="Baggage">baggage of the caller.</param>
/// <param name="IsEchoed">False with rate 0: then answers carry no trace headers.</param>
public sealed record TraceContext(string Caller, string Own, string State, string Baggage, bool IsEchoed)
{
    public static readonly TraceContext None = new("", "", "", "", false);

    /// <summary>The traceparent for a call to an app or another sidecar.</summary>
    public string ForCall => Own.Length > 0 ? Own : Caller;

    /// <summary>The trace of the API call, as the pipeline found it.</summary>
    public static TraceContext Of(HttpContext http) => http.Features.Get<TraceContext>() ?? None;

    /// <summary>Puts the trace headers on a request, replacing what is there.</summary>
    public void Write(System.Net.Http.Headers.HttpHeaders headers)
    {
        if (ForCall.Length > 0)
            headers.TryAddWithoutValidation("traceparent", ForCall);
        if (State.Length > 0)
            headers.TryAddWithoutValidation("tracestate", State);
        if (Baggage.Length > 0)
            headers.TryAddWithoutValidation("baggage", Baggage);
    }

    /// <summary>Puts the trace headers on the answer of an API call.</summary>
    public void Echo(HttpResponse response)
    {
        if (!IsEchoed)
            return;
        if (Own.Length > 0)
            response.Headers.TraceParent = Own;
        if (State.Length > 0)
            response.Headers.TraceState = State;
        if (Baggage.Length > 0)
            response.Headers.Baggage = Baggage;
    }
}
