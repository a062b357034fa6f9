namespace Dapr.Workflow;

public interface IWorkflowContext
{
    /// <summary>True while the code runs again through what has happened already.</summary>
    bool IsReplaying { get; }

    /// <summary>The time of the current turn, in UTC; the same in every replay.</summary>
    DateTime CurrentUtcDateTime { get; }

    /// <summary>Whether this instance came here after the patch was deployed; the same in every replay.</summary>
    bool IsPatched(string patchName);
}
