using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Tracing;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Runtime.Tests.Tracing;

public sealed class TraceReaderTests
{
    private const string Caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Fact]
    public void Without_configuration_the_callers_trace_passes_unchanged_and_is_echoed()
    {
        var trace = Read(null, Caller)!;
        Assert.Equal((Caller, Caller, true), (trace.ForCall, trace.Own, trace.IsEchoed));
        Assert.Equal("", Read(null, "")!.ForCall);
    }

    [Fact]
    public void With_a_sampling_rate_the_sidecar_is_a_span_of_its_own_in_the_same_trace()
    {
        var trace = Read("1", Caller)!;
        Assert.StartsWith(Caller[..36], trace.ForCall, StringComparison.Ordinal);
        Assert.EndsWith("-01", trace.ForCall, StringComparison.Ordinal);
        Assert.NotEqual(Caller, trace.ForCall);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("nonsense")]
    public void Without_a_valid_trace_of_the_caller_a_new_one_begins(string traceparent)
    {
        var trace = Read("1", traceparent)!;
        Assert.True(Traceparent.IsValid(trace.ForCall));
        Assert.EndsWith("-01", trace.ForCall, StringComparison.Ordinal);
    }

    [Fact]
    public void The_callers_decision_not_to_sample_is_kept()
    {
        Assert.EndsWith("-00", Read("1", Caller[..^2] + "00")!.ForCall, StringComparison.Ordinal);
    }

    [Fact]
    public void With_rate_zero_the_callers_trace_goes_to_the_app_but_into_no_event_and_no_answer()
    {
        var trace = Read("0", Caller)!;
        Assert.Equal((Caller, "", false), (trace.ForCall, trace.Own, trace.IsEchoed));
    }

    [Theory]
    [InlineData("a=1,b=2;p=x", true)]
    [InlineData("a", false)]
    [InlineData("=1", false)]
    [InlineData("a b=1", false)]
    public void Broken_baggage_is_refused_unless_tracing_is_off(string baggage, bool good)
    {
        Assert.Equal(good, Read("1", Caller, baggage) is not null);
        Assert.Equal(baggage, Read("0", Caller, baggage)!.Baggage);
    }

    private static TraceContext? Read(string? rate, string traceparent, string baggage = "")
    {
        var configuration = DaprConfiguration.Empty;
        if (rate is not null)
            configuration = new DaprConfiguration((YamlDotNet.RepresentationModel.YamlMappingNode)ResourceDocument.Parse("c.yaml", $"spec: {{tracing: {{samplingRate: \"{rate}\"}}}}")[0].Root.At("spec")!);
        return new TraceReader(configuration).Read(new HeaderDictionary { ["traceparent"] = traceparent, ["baggage"] = baggage });
    }
}
