using System.Net;
using System.Net.Http.Headers;

namespace Quayside.Gateway.Forwarding;

/// <summary>What came back, and whether the app or the way to it failed.</summary>
public sealed class Answer : IDisposable
{
    // A sidecar's own error is far smaller; an app's 500 that is larger is the app's.
    private const int ErrorLimit = 4096;
    private const string NotReached = "\"ERR_DIRECT_INVOKE\"";

    private Answer(HttpResponseMessage response, bool fromSidecar)
    {
        Response = response;
        NotDelivered = fromSidecar;
    }

    public HttpResponseMessage Response { get; }

    /// <summary>The sidecar speaks, not the app: it could not deliver the request.</summary>
    public bool NotDelivered { get; }

    /// <summary>Counts against the app. A 503 with Retry-After is an app that takes care of itself.</summary>
    public bool IsFailure => (int)Response.StatusCode >= 500 && !IsBusy;

    /// <summary>Worth another try within this request.</summary>
    public bool MayPassSoon => NotDelivered
        || Response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
        || Response.StatusCode is HttpStatusCode.ServiceUnavailable && !IsBusy;

    private bool IsBusy => Response.StatusCode is HttpStatusCode.ServiceUnavailable && Response.Headers.RetryAfter is not null;

    public static async ValueTask<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode != HttpStatusCode.InternalServerError || response.Content.Headers.ContentType?.MediaType != "application/json")
            return new Answer(response, fromSidecar: false);
        var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var head = new byte[ErrorLimit];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation);
        // Errors of an app are problem details; JSON of another kind is hidden from the caller anyway, so its rest is not kept.
        return new Answer(response, System.Text.Encoding.UTF8.GetString(head, 0, length).Contains(NotReached, StringComparison.Ordinal));
    }

    /// <summary>Whether the body may go to the caller: an error must be problem details.</summary>
    public bool IsPresentable => (int)Response.StatusCode < 400
        || Response.Content.Headers.ContentType is MediaTypeHeaderValue { MediaType: "application/problem+json" };

    public void Dispose() => Response.Dispose();
}
