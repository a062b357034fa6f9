using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>What every answer of the HTTP API keeps to, whatever was asked.</summary>
internal static class HttpLaws
{
    /// <summary>HTTP's own word for a first line whose version is damaged.</summary>
    private const int VersionNotSupported = 505;

    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 8 };

    /// <summary>Sends them all; returns what was wrong with the answers, in the order of the requests.</summary>
    public static async Task<IReadOnlyList<string>> BrokenAsync(FuzzedSidecar sidecar, IReadOnlyList<HttpCase> cases)
    {
        var broken = new ConcurrentDictionary<int, string>();
        await Parallel.ForAsync(0, cases.Count, AtOnce, async (i, _) =>
        {
            try
            {
                var answer = await RawConnection.ExchangeAsync(sidecar.Sidecar.HttpPort, cases[i].Bytes, ends: false);
                if ((answer.Status == 0 ? $"no answer: {Scraps.Show(answer.Bytes)}" : Problem(answer)) is { } problem)
                    broken[i] = $"{problem}\n  to {cases[i]}";
            }
            catch (TimeoutException hung)
            {
                broken[i] = $"{hung.Message}\n  to {cases[i]}";
            }
        });
        return [.. broken.OrderBy(b => b.Key).Select(b => b.Value)];
    }

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
