using System.Text;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>Texts and numbers at which programs stumble.</summary>
internal static class Scraps
{
    private static readonly string[] Texts =
    [
        "", " ", "0", "-1", "2147483648", "99999999999999999999", "1e999", "-0", "NaN", "true", "null", "||", "a||b", "..", "../../x", "a/b", "%", "%zz", "%00", "\0", "\u0001\u007f", "\r\n", "x\r\nx-injected: 1",
        "\uFFFD", "é", "😀", "'; DROP TABLE state; --", "@every 1ns", "@every 2562047h", "@every 99999999999h", "@every 9223372036854775807", "99999999999h", "9223372036854775807", "0 0 0 30 2 *", "0 0 0 1 1 * 2099", "1/2147483647 * * * * *", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
        "-5s", "2562047h", "P10675199D", "P1Y", "1ms", "type.googleapis.com/google.protobuf.Value", "application/json", "application/cloudevents+json", "first-write", "upsert", "delete", "create", "get", "list", "http://127.0.0.1:1/", "app.ns.x", "{}", "[",
    ];

    private static readonly long[] Numbers = [0, 1, -1, 16, 255, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 253402300800, -62135596801];

    public static string Text(Random random) => random.Next(8) switch
    {
        0 => new string((char)random.Next(0x20, 0xD7FF), random.Next(4000)),
        1 => new string([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)random.Next(1, 0xD7FF))]),
        _ => random.GetItems(Texts, 1)[0],
    };

    public static long Number(Random random) => random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.GetItems(Numbers, 1)[0];

    public static byte[] Bytes(Random random, int atMost)
    {
        var bytes = new byte[random.Next(atMost)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A copy with some bytes changed, left out, doubled or cut off.</summary>
    public static byte[] Damaged(Random random, ReadOnlySpan<byte> bytes)
    {
        var damaged = new List<byte>(bytes.ToArray());
        for (var times = random.Next(1, 5); times > 0 && damaged.Count > 0; times--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(5))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                case 2:
                    damaged.RemoveRange(at, Math.Min(random.Next(1, 9), damaged.Count - at));
                    break;
                case 3:
                    damaged.InsertRange(at, Bytes(random, 9));
                    break;
                default:
                    damaged.InsertRange(at, damaged.GetRange(at, Math.Min(random.Next(1, 40), damaged.Count - at)));
                    break;
            }
        }
        return [.. damaged];
    }

    /// <summary>For messages of failures: printable, and not too long.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes[..Math.Min(bytes.Length, 600)])
            _ = b is >= 0x20 and < 0x7F ? text.Append((char)b) : text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{b:x2}");
        return bytes.Length > 600 ? $"{text}... ({bytes.Length} bytes)" : text.ToString();
    }
}
