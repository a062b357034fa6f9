using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resources;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// <c>spec.accessControl</c> of the callee's Configuration. Without mTLS no caller can prove its id, so policies for single callers never match and
/// only the global defaultAction counts (contract section 8). Calls of an app through its own sidecar are not subject to it.
/// </summary>
internal sealed class AccessControl(DaprConfiguration configuration)
{
    private readonly bool denies = string.Equals(configuration.Spec.Text("accessControl.defaultAction"), "deny", StringComparison.OrdinalIgnoreCase);

    public void Demand(string caller, string path, string method)
    {
        if (denies)
        {
            throw new ApiException(403, StatusCode.PermissionDenied, "ERR_DIRECT_INVOKE",
                $"access control policy has denied access to id: {caller} operation: {path} verb: {method}");
        }
    }
}
