namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>Which server errors the contract has for requests that are merely odd: everything else that is wrong with a request is the client's (4xx).</summary>
internal static class Contract
{
    private static readonly HashSet<string> ServerErrors =
    [
        // A store or binding that is there, and cannot do or does not have what was asked for.
        "ERR_STATE_STORE_NOT_SUPPORTED", "DAPR_STATE_QUERYING_NOT_SUPPORTED", "ERR_STATE_TRANSACTION", "ERR_SECRET_GET", "ERR_INVOKE_OUTPUT_BINDING",
        // No store of the kind.
        "ERR_LOCK_STORE_NOT_CONFIGURED", "ERR_CONFIGURATION_STORE_NOT_CONFIGURED",
        // As measured: a separator in the resource, a bad or unknown job, an unknown service or a broken method, another app id.
        "ERR_TRY_LOCK", "ERR_UNLOCK", "DAPR_SCHEDULER_SCHEDULE_JOB", "DAPR_SCHEDULER_GET_JOB", "ERR_DIRECT_INVOKE", "ERR_HEALTH_APPID_NOT_MATCH",
        // An instance that is in another state.
        "ERR_START_WORKFLOW", "ERR_RAISE_EVENT_WORKFLOW", "ERR_PAUSE_WORKFLOW", "ERR_RESUME_WORKFLOW", "ERR_TERMINATE_WORKFLOW", "ERR_PURGE_WORKFLOW",
    ];

    private static readonly string[] OfDotNet = ["(Parameter '", "Object reference", "Index was out", "Sequence contains", "DateTime", "Nullable object", "was not present in the dictionary", "Specified argument", "same key"];

    public static bool Has(string errorCode) => ServerErrors.Contains(errorCode);

    /// <summary>The words of an exception that nobody meant for a client.</summary>
    public static bool IsAccident(string message) => OfDotNet.Any(words => message.Contains(words, StringComparison.Ordinal));
}
