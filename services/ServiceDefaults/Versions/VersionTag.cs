using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Quayside.ServiceDefaults.Versions;

/// <summary>The version of a resource as its ETag, and If-Match as the condition of a change.</summary>
public static class VersionTag
{
    public static string Of(long version) => $"\"{version}\"";

    /// <summary>Whether a change was asked for on this version. True without the header; false for one that cannot be read, and for a weak tag.</summary>
    public static bool IsMatch(HttpRequest request, long version) => request.Headers.IfMatch.Count == 0
        || request.GetTypedHeaders().IfMatch.Any(tag => tag.Tag == "*" || !tag.IsWeak && tag.Tag == Of(version));

    public static ProblemHttpResult Changed(string what) => TypedResults.Problem(
        statusCode: StatusCodes.Status412PreconditionFailed, detail: $"The {what} has changed since; read it again.");

    /// <summary>For changes that nobody may make without having seen what he changes.</summary>
    public static ProblemHttpResult Required(string what) => TypedResults.Problem(
        statusCode: StatusCodes.Status428PreconditionRequired, detail: $"{HeaderNames.IfMatch} is required: the ETag of the {what} as you have read it.");
}
