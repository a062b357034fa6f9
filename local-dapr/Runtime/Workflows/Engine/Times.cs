using Google.Protobuf.WellKnownTypes;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>Times as they are stored: 100 ns ticks since year 1. Wire times have nanoseconds and may be later than .NET can say.</summary>
internal static class Times
{
    private static readonly Timestamp Latest = Timestamp.FromDateTimeOffset(DateTimeOffset.MaxValue);

    public static DateTimeOffset Of(Timestamp time) =>
        time.Seconds >= Latest.Seconds ? DateTimeOffset.MaxValue : DateTimeOffset.UnixEpoch.AddSeconds(time.Seconds).AddTicks(time.Nanos / 100);

    public static Timestamp ToTimestamp(long ticks) => Timestamp.FromDateTimeOffset(new DateTimeOffset(ticks, TimeSpan.Zero));

    public static DateTimeOffset? FromTicks(long? ticks) => ticks is { } value ? new DateTimeOffset(value, TimeSpan.Zero) : null;
}
