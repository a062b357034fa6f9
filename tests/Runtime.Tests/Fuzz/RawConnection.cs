using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>What came back on a connection until the other side closed it; status 0 when that was no HTTP/1 answer.</summary>
internal sealed record RawAnswer(int Status, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>The body of the first answer; the rest of the bytes where it has no length.</summary>
    public string Body
    {
        get
        {
            var end = Bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return "";
            var body = Bytes.AsSpan(end + 4);
            var length = Encoding.ASCII.GetString(Bytes, 0, end).Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length: ", StringComparison.Ordinal));
            return Encoding.UTF8.GetString(length is not null && int.TryParse(length["Content-Length: ".Length..], out var bytes) && bytes < body.Length ? body[..bytes] : body);
        }
    }
}

/// <summary>One connection for one request, byte by byte as the test wants it.</summary>
internal static class RawConnection
{
    /// <summary>A request that is over takes milliseconds; a hang takes for ever.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    /// <summary>Sends, then reads until the other side closes. With <paramref name="ends"/> the client says that it sends no more.</summary>
    /// <exception cref="TimeoutException">The connection was neither answered and closed nor broken off within <see cref="Bound"/>.</exception>
    public static async Task<RawAnswer> ExchangeAsync(int port, ReadOnlyMemory<byte> request, bool ends)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var received = new MemoryStream();
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, bound.Token);
            await using var stream = new NetworkStream(socket);
            var reading = stream.CopyToAsync(received, bound.Token);
            try
            {
                await stream.WriteAsync(request, bound.Token);
                if (ends)
                    socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                // The sidecar had heard enough.
            }
            await reading;
        }
        catch (IOException)
        {
            // Broken off.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no end within {Bound.TotalSeconds} s");
        }
        var bytes = received.ToArray();
        return new(bytes.Length > 12 && bytes.AsSpan().StartsWith("HTTP/1."u8) && int.TryParse(bytes.AsSpan(9, 3), out var status) ? status : 0, bytes);
    }
}
