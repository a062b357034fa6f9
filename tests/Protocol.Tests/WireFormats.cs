using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Protocol.Tests;

public class WireFormats
{
    [Fact]
    public void An_empty_string_value_is_present_and_null_is_absent()
    {
        Assert.Equal("0A02693112001801", Convert.ToHexString(new TerminateRequest { InstanceId = "i1", Output = "", Recursive = true }.ToByteArray()));
        Assert.Equal("0A0269311801", Convert.ToHexString(new TerminateRequest { InstanceId = "i1", Recursive = true }.ToByteArray()));
    }

    [Fact]
    public void An_event_without_an_id_has_ten_bytes_of_minus_one() =>
        Assert.Equal("08FFFFFFFFFFFFFFFFFF01", Convert.ToHexString(new HistoryEvent { EventId = -1 }.ToByteArray()));
}
