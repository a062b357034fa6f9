using System.Text.RegularExpressions;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Middleware;

/// <summary>middleware.http.routerchecker: a path that does not match <c>rule</c> gets 400.</summary>
internal sealed class RouterChecker(Component component)
{
    private readonly Regex rule = new(component["rule"] ?? "", RegexOptions.None, TimeSpan.FromMilliseconds(100));

    public async Task<bool> HandleAsync(HttpContext http)
    {
        if (rule.IsMatch(http.Request.Path.Value ?? ""))
            return true;
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        await http.Response.WriteAsync("invalid router");
        return false;
    }
}
