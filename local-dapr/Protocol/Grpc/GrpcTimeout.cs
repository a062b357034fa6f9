using System.Globalization;

namespace LocalDapr.Protocol.Grpc;

/// <summary>The header <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const long MaxDigits = 99_999_999;

    public static string Encode(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 1);
        var (amount, unit) = (Units(TimeSpan.TicksPerMicrosecond), Units(TimeSpan.TicksPerMillisecond), Units(TimeSpan.TicksPerSecond)) switch
        {
            ( <= MaxDigits, _, _) => (Units(TimeSpan.TicksPerMicrosecond), 'u'),
            (_, <= MaxDigits, _) => (Units(TimeSpan.TicksPerMillisecond), 'm'),
            (_, _, <= MaxDigits) => (Units(TimeSpan.TicksPerSecond), 'S'),
            _ => (Math.Min(Units(TimeSpan.TicksPerHour), MaxDigits), 'H'),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");

        long Units(long ticksPerUnit) => (ticks - 1) / ticksPerUnit + 1;
    }

    public static TimeSpan? Decode(string? header)
    {
        if (header is not { Length: >= 2 and <= 9 } || !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            return null;
        return header[^1] switch
        {
            'H' => Capped(TimeSpan.TicksPerHour),
            'M' => Capped(TimeSpan.TicksPerMinute),
            'S' => Capped(TimeSpan.TicksPerSecond),
            'm' => Capped(TimeSpan.TicksPerMillisecond),
            'u' => Capped(TimeSpan.TicksPerMicrosecond),
            'n' => TimeSpan.FromTicks(amount / 100),
            _ => null,
        };

        TimeSpan Capped(long ticksPerUnit) => TimeSpan.FromTicks(amount > long.MaxValue / ticksPerUnit ? long.MaxValue : amount * ticksPerUnit);
    }

    /// <summary>Timers end at about 49 days; nobody waits longer.</summary>
    public static TimeSpan ForTimer(TimeSpan timeout) => timeout.TotalMilliseconds > int.MaxValue ? TimeSpan.FromMilliseconds(int.MaxValue) : timeout;
}
