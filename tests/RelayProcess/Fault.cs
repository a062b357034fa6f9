using System.Globalization;
using System.Runtime.InteropServices;

namespace Quayside.RelayProcess;

/// <summary>Ends or stops this process with a signal that it cannot handle, the so-manieth time that it passes a line.</summary>
internal sealed partial class Fault(FaultPoint point, string signal, int occurrence)
{
    private const int SigKill = 9;
    private const int SigStop = 19;
    private int _passed;

    /// <summary>A stop is waited for: what another thread writes is finished before it.</summary>
    public bool Stops => signal == "STOP";

    public static Fault Parse(string point, string signal, string occurrence) =>
        new(Enum.Parse<FaultPoint>(point), signal, int.Parse(occurrence, CultureInfo.InvariantCulture));

    public void Pass(FaultPoint line)
    {
        if (!IsDue(line))
            return;
        _ = Raise(Stops ? SigStop : SigKill);
    }

    /// <summary>Whether this is the line, and the time.</summary>
    private bool IsDue(FaultPoint line) => line == point && Interlocked.Increment(ref _passed) == occurrence;

    /// <summary>To this thread, which then does not come back before all are stopped; kill would leave it to the system whose turn it is.</summary>
    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int Raise(int signal);
}
