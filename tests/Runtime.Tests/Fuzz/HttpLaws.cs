using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>What every answer of the HTTP API keeps to, whatever was asked.</summary>
internal static class HttpLaws
{
    /// <summary>HTTP's own word for a first line whose version is damaged.</summary>
    private const int VersionNotSupported = 505;

    private const int AtOnce = 8;

    /// <summary>Sends them all; returns what was wrong with the answers, in the order of the requests.</summary>
    public static Task<IReadOnlyList<string>> BrokenAsync(FuzzedSidecar sidecar, IReadOnlyList<HttpCase> cases) => FuzzedCases.BrokenAsync(
        cases, AtOnce,
        async sent =>
        {
            var answer = await RawConnection.ExchangeAsync(sidecar.Sidecar.HttpPort, sent.Bytes, ends: false);
            return answer.Status == 0 ? $"no answer: {Scraps.Show(answer.Bytes)}" : Problem(answer);
        },
        sent => $"{sent}");

    /// <summary>Null for an answer below 500, and for what the contract has above it.</summary>
    public static string? Problem(RawAnswer answer)
    {
        if (answer.Status is < 500 or VersionNotSupported)
            return null;
        // Unsubscribing from what is not there has a message alone.
        var error = Parse(answer.Body);
        var code = (string?)error?["errorCode"] ?? ((string?)error?["message"])?.Split(' ')[0];
        var known = answer.Status == 500 && code is not null && (Contract.Has(code) || code == "subscription");
        return known && !Contract.IsAccident(answer.Body) ? null : $"{answer.Status} {answer.Body}";
    }

    private static JsonObject? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
