using System.Text.Json;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resources;
using Microsoft.AspNetCore.Http.Features;

namespace LocalDapr.Runtime.Middleware;

/// <summary>middleware.http.routeralias: other names for API paths. Captures such as <c>{id}</c> go into the query.</summary>
internal sealed class RouterAlias
{
    private readonly (string[] Segments, string Target)[] aliases;

    public RouterAlias(Component component)
    {
        try
        {
            aliases = [.. JsonSerializer.Deserialize<Dictionary<string, string>>(component["routes"] ?? "{}")!.Select(a => (a.Key.Trim('/').Split('/'), a.Value))];
        }
        catch (JsonException failure)
        {
            throw component.Spec.Error($"`routes` is not a JSON object of texts ({failure.Message})", "Write for example {\"/orders\": \"/v1.0/invoke/orders/method/list\"}.");
        }
    }

    public Task<bool> HandleAsync(HttpContext http)
    {
        var path = http.RawPath().Trim('/').Split('/');
        foreach (var (segments, target) in aliases)
        {
            if (segments.Length != path.Length || Captures(segments, path) is not { } captures)
                continue;
            var query = http.Request.QueryString.Value is { Length: > 1 } given ? given[1..] : "";
            var all = string.Join('&', captures.Prepend(query).Where(q => q.Length > 0));
            http.Request.QueryString = new QueryString(all.Length > 0 ? "?" + all : "");
            http.Request.Path = target;
            http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = all.Length > 0 ? $"{target}?{all}" : target;
            break;
        }
        return Task.FromResult(true);
    }

    private static List<string>? Captures(string[] segments, string[] path)
    {
        var captures = new List<string>();
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] is ['{', .. var name, '}'])
                captures.Add($"{name}={path[i]}");
            else if (segments[i] != path[i])
                return null;
        }
        return captures;
    }
}
