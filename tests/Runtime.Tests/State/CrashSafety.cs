using System.Collections.Concurrent;
using System.Text;
using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Tests.State;

public sealed class CrashSafety
{
    [Fact]
    public async Task Every_acknowledged_save_is_there_after_kill_9_in_the_middle_of_concurrent_saves()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("store.yaml"), Yaml.Component("store", "state.redis", ("redisHost", "localhost:6379")));
        var acknowledged = new ConcurrentDictionary<string, string>();

        using (var doomed = await SidecarProcess.StartAsync(folder))
        {
            using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{doomed.GrpcPort}/"));
            var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                for (var n = 0; ; n++)
                {
                    // Half of the keys are written again and again: the last acknowledged value, or a later one, must survive.
                    var key = n % 2 == 0 ? $"{writer}-{n}" : $"{writer}-hot";
                    var value = n.ToString("00000000", System.Globalization.CultureInfo.InvariantCulture);
                    await channel.UnaryAsync(DaprMethods.SaveState, new SaveStateRequest { StoreName = "store", States = { new StateItem { Key = key, Value = ByteString.CopyFromUtf8(value) } } });
                    acknowledged[key] = value;
                }
            })).ToArray();
            await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > 500));
            doomed.Kill();
            foreach (var writer in writers)
                await Assert.ThrowsAnyAsync<Exception>(() => writer);
        }

        using var restarted = await SidecarProcess.StartAsync(folder);
        using var reader = new GrpcChannel(new Uri($"http://127.0.0.1:{restarted.GrpcPort}/"));
        foreach (var (key, value) in acknowledged)
        {
            var found = await reader.UnaryAsync(DaprMethods.GetState, new GetStateRequest { StoreName = "store", Key = key });
            Assert.True(string.CompareOrdinal(Encoding.UTF8.GetString(found.Data.Span), value) >= 0, $"{key}: acknowledged {value}, found `{found.Data.ToStringUtf8()}`");
        }
    }
}
