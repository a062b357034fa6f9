using Microsoft.Extensions.Configuration;

namespace Dapr.Workflow.Worker;

/// <summary>
/// What a worker does when a history does not fit the code that replays it: configuration key <c>Dapr:Workflow:NonDeterminism</c> (environment
/// <c>Dapr__Workflow__NonDeterminism</c>). The official SDK knows no such key and behaves as with <see cref="Warn"/>.
/// </summary>
/// <remarks>
/// Code that does not fit must neither end the instance (what it had in hand would be lost) nor act for it (it might pay twice). Not answering would
/// keep the instance safe too, but out of sight: status RUNNING, and every call on it waits for a turn that comes again only when the stream breaks. So
/// the turn is answered with workflowVersionNotAvailable: the engine commits nothing, keeps what had arrived, shows STALLED, refuses events meanwhile
/// (their senders learn it), and hands the turn out again when a worker connects: to code that fits, or to be stalled and told again.
/// </remarks>
internal enum NonDeterminism
{
    /// <summary>A warning is logged and the turn is answered with whatever the code wants: the default.</summary>
    Warn,

    /// <summary>An error is logged and the instance stalls, unharmed, until a worker connects whose code fits.</summary>
    Stall,
}

internal static class NonDeterminismSetting
{
    public const string Key = "Dapr:Workflow:NonDeterminism";

    /// <exception cref="InvalidOperationException">The key holds something else than <c>warn</c> or <c>stall</c>.</exception>
    public static NonDeterminism Of(IConfiguration? configuration) => configuration?[Key]?.ToUpperInvariant() switch
    {
        null or "" or "WARN" => NonDeterminism.Warn,
        "STALL" => NonDeterminism.Stall,
        _ => throw new InvalidOperationException($"{Key} is '{configuration[Key]}': it takes 'warn' (the default) or 'stall'."),
    };
}
