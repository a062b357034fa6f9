using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Hosting;

/// <summary>Who serves the components: the built-in engine whatever their type, or the types as declared.</summary>
public enum Backends { Embedded, Declared }

/// <summary>Unkind behaviour of real brokers, for tests: --embedded-faults.</summary>
[Flags]
public enum EmbeddedFaults
{
    None = 0,
    Duplicate = 1,
    Reorder = 2,
    Delay = 4,
    AckLost = 8,
}

/// <summary>Settings of the whole process.</summary>
public sealed record RuntimeOptions
{
    public Backends Backends { get; init; } = Backends.Embedded;

    /// <summary>Where the embedded engine keeps its files; a temporary folder with --ephemeral.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where jobs are kept when the data folder goes with the process: in Dapr they outlive the sidecar. Null: in the data folder.</summary>
    public string? JobsDirectory { get; init; }

    public Durability Durability { get; init; } = Durability.Normal;

    public EmbeddedFaults Faults { get; init; }

    /// <summary>In the run command a bad file ends the start; the drop-in for daprd skips it as daprd does.</summary>
    public bool StrictResources { get; init; }
}
