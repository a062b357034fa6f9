using System.Security.Cryptography;
using System.Text;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Invocation;

/// <summary>The internal port: calls from sidecars of other processes to this sidecar's app. Only who knows the registration's token gets in.</summary>
internal sealed class InternalPipeline(InvocationFeature invocation, string token)
{
    public const string TokenHeader = "dapr-internal-token";

    /// <summary>On an answer: it is a failure of this sidecar, the body says which.</summary>
    public const string ErrorHeader = "dapr-internal-error";

    /// <summary>On an answer: policies do not look at its status.</summary>
    public const string FinalHeader = "dapr-internal-final";

    private readonly byte[] token = Encoding.UTF8.GetBytes(token);

    public async Task HandleAsync(HttpContext http)
    {
        if (!CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes(http.Request.Headers[TokenHeader].ToString())))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        http.Request.Headers.Remove(TokenHeader);
        var caller = http.Request.Headers[HopHeaders.Caller].ToString();
        try
        {
            await invocation.ReceiveAsync(http, caller);
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = failure is Api.ApiException { HttpStatus: var status } ? status : StatusCodes.Status500InternalServerError;
            http.Response.Headers[ErrorHeader] = "1";
            await http.Response.WriteAsync(failure.Message);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested || http.Response.HasStarted)
        {
            http.Abort();
        }
    }

    public static TraceContext Trace(HttpContext http) => new(
        http.Request.Headers.TraceParent.ToString(), "", http.Request.Headers.TraceState.ToString(), http.Request.Headers.Baggage.ToString(), false);
}
