using Google.Protobuf.WellKnownTypes;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>Times as they are stored: 100 ns ticks since year 1. Wire times have nanoseconds, may be out of what .NET can say, and are 1970 when absent.</summary>
internal static class Times
{
    private static readonly long Earliest = Timestamp.FromDateTimeOffset(DateTimeOffset.MinValue).Seconds;
    private static readonly long Latest = Timestamp.FromDateTimeOffset(DateTimeOffset.MaxValue).Seconds;

    public static DateTimeOffset Of(Timestamp? time) => time switch
    {
        null => DateTimeOffset.UnixEpoch,
        { Seconds: var seconds } when seconds >= Latest => DateTimeOffset.MaxValue,
        { Seconds: var seconds } when seconds <= Earliest => DateTimeOffset.MinValue,
        _ => DateTimeOffset.UnixEpoch.AddSeconds(time.Seconds).AddTicks(time.Nanos / 100),
    };

    public static Timestamp ToTimestamp(long ticks) => Timestamp.FromDateTimeOffset(new DateTimeOffset(ticks, TimeSpan.Zero));

    public static DateTimeOffset? FromTicks(long? ticks) => ticks is { } value ? new DateTimeOffset(value, TimeSpan.Zero) : null;
}
