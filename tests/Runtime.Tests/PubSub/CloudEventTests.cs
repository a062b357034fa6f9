using System.Text;
using LocalDapr.Runtime.PubSub;

namespace LocalDapr.Runtime.Tests.PubSub;

public sealed class CloudEventTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Theory]
    [InlineData(998)]
    [InlineData(999)]
    [InlineData(1000)]
    public void Data_of_any_depth_makes_an_event_that_can_be_delivered(int depth)
    {
        var wrapped = Wrap(new string('[', depth) + new string(']', depth));
        Assert.Equal(wrapped, IncomingEvent.Read(new BrokerMessage("t", wrapped, NoMetadata), "pubsub", isRaw: false).Body.ToArray());
    }

    [Fact]
    public void JSON_whose_text_is_not_Unicode_is_data_as_text() =>
        Assert.Contains("\"data\":\"{\\\"a\\\":\\\"\\\\ud800\\\"}\"", Encoding.UTF8.GetString(Wrap("""{"a":"\ud800"}""")), StringComparison.Ordinal);

    private static byte[] Wrap(string data) =>
        CloudEventWriter.Wrap(Encoding.UTF8.GetBytes(data), "application/json", "pubsub", "t", "myapp", NoMetadata, EventTrace.None, DateTimeOffset.UnixEpoch);
}
