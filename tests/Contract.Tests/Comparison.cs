using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalDapr.Contract.Tests;

/// <summary>What was recorded beside what came: status, codes, members and headers count, the human text of an error does not.</summary>
internal static partial class Comparison
{
    private const string Anything = "<any>";
    private const string Absent = "<absent>";
    private const string Details = "grpc-status-details-bin";
    private static readonly string[] HeaderMembers = ["headers", "metadata", "trailers"];

    public static IEnumerable<string> Differences(JsonObject step, JsonNode? recorded, JsonNode? came)
    {
        if (recorded is null || came is null)
            return recorded is null && came is null ? [] : [Say("answer", recorded, came)];
        var (want, got) = (recorded.DeepClone(), came.DeepClone());
        foreach (var side in (JsonNode[])[want, got])
            Prepare(step, side);
        AllowOneUnitMore(step, want, got);
        AllowMoreDetails(want, got);
        if ((string?)step["header_mode"] != "exact")
            AllowMoreHeaders(want, got);
        var found = new List<(string Path, JsonNode? Want, JsonNode? Got)>();
        Compare(want, got, "", (string?)step["body_mode"] == "subset", found);
        Regex[] loose = [Wording(), .. step["loose"]?.AsArray().Select(pattern => new Regex((string)pattern!)) ?? []];
        return found.Where(difference => !loose.Any(pattern => pattern.IsMatch(difference.Path))).Select(difference => Say(difference.Path, difference.Want, difference.Got));
    }

    /// <summary>Lists whose order means nothing, in one order.</summary>
    public static void SortLists(JsonObject step, JsonNode? answer)
    {
        foreach (var path in step["sort"]?.AsArray() ?? [])
        {
            if (Json.Pick(answer, (string)path!) is JsonArray list)
                Json.Sort(list);
        }
    }

    private static string Say(string path, JsonNode? want, JsonNode? got) => $"{path} wanted {Short(want)} got {Short(got)}";

    private static string Short(JsonNode? node) => Json.Text(node) is { Length: > 300 } text ? $"{text[..300]}..." : Json.Text(node);

    private static void Prepare(JsonObject step, JsonNode side)
    {
        KeepWhatProgramsReadOfDetails(side);
        RemoveDates(side);
        foreach (var part in (side["calls"] as JsonArray ?? []).Prepend(side))
        {
            // a charset is nobody's contract here
            if (part is JsonObject && part["headers"] is JsonObject headers && headers["content-type"].IsText(out var type))
                headers["content-type"] = type.Split(';')[0].Trim().ToLowerInvariant();
        }
        foreach (var path in step["ignore"]?.AsArray() ?? [])
            Drop(side, ((string)path!).Split('.'));
        // what is ignored must not decide the order
        SortLists(step, side);
    }

    /// <summary>Of a google.rpc.Status in the trailers: its code, and the reason, domain and metadata of each ErrorInfo.</summary>
    private static void KeepWhatProgramsReadOfDetails(JsonNode answer)
    {
        if (answer is not JsonObject || answer["trailers"] is not JsonObject trailers || trailers[Details] is not JsonObject status || status["$wire"] is not JsonObject fields)
            return;
        var infos = new JsonArray();
        foreach (var any in fields["3"] as JsonArray ?? [])
        {
            if (any is JsonObject && Json.Text(any["1"]).Contains("ErrorInfo", StringComparison.Ordinal) && any["2"]?[0] is JsonObject info)
            {
                var metadata = (info["3"] as JsonArray ?? []).Select(entry => Json.Text(entry)).Where(entry => !entry.Contains("error_message", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
                infos.Add((JsonNode)new JsonObject
                {
                    ["reason"] = info["1"]?.DeepClone(), ["domain"] = info["2"]?.DeepClone(), ["metadata"] = new JsonArray([.. metadata.Select(entry => (JsonNode)entry)]),
                });
            }
        }
        trailers[Details] = new JsonObject { ["code"] = fields["1"]?.DeepClone(), ["info"] = infos };
    }

    /// <summary>Where a binding passes on the headers of an answer: the server behind it in the recordings sent no date.</summary>
    private static void RemoveDates(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var entry in list.Where(item => item is JsonObject header && header["1"] is JsonArray names && names.Any(name => name.IsText(out var text) && text == "Date")).ToArray())
                list.Remove(entry);
        }
        foreach (var child in node switch { JsonArray items => items, JsonObject members => members.Select(member => member.Value), _ => [] })
            RemoveDates(child);
    }

    private static void Drop(JsonNode? value, ReadOnlySpan<string> path)
    {
        var head = path[0];
        var rest = path[1..];
        if (value is JsonArray list)
        {
            var only = int.TryParse(head, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) ? index : -1;
            for (var i = 0; i < list.Count; i++)
            {
                if (head != "*" && i != only)
                    continue;
                if (rest.IsEmpty)
                    list[i] = Anything;
                else
                    Drop(list[i], rest);
            }
        }
        else if (value is JsonObject members)
        {
            foreach (var name in head == "*" ? [.. members.Select(member => member.Key)] : new[] { head })
            {
                if (rest.IsEmpty)
                    members.Remove(name);
                else
                    Drop(members[name], rest);
            }
        }
    }

    /// <summary>A busy machine is late, never early.</summary>
    private static void AllowOneUnitMore(JsonObject step, JsonNode want, JsonNode got)
    {
        if (step["timing"].IsNumber() && want["ms"].IsNumber() && got["ms"].IsNumber() && (long)got["ms"]! == (long)want["ms"]! + (long)step["timing"]!)
            got["ms"] = want["ms"]!.DeepClone();
        if (!step["gaps"].IsNumber() || want["gaps"] is not JsonArray wanted || got["gaps"] is not JsonArray gaps || wanted.Count != gaps.Count)
            return;
        for (var i = 0; i < gaps.Count; i++)
        {
            if (wanted[i].IsNumber() && (long)gaps[i]! == (long)wanted[i]! + (long)step["gaps"]!)
                gaps[i] = wanted[i]!.DeepClone();
        }
    }

    private static void AllowMoreDetails(JsonNode want, JsonNode got)
    {
        var (wanted, infos) = (Json.Pick(want, $"trailers.{Details}.info") as JsonArray ?? [], Json.Pick(got, $"trailers.{Details}.info") as JsonArray ?? []);
        foreach (var (a, b) in wanted.Zip(infos))
        {
            if (a?["metadata"] is JsonArray known && b?["metadata"] is JsonArray all)
                b["metadata"] = new JsonArray([.. all.Where(entry => known.Any(one => JsonNode.DeepEquals(one, entry))).Select(entry => entry?.DeepClone())]);
        }
    }

    private static void AllowMoreHeaders(JsonNode want, JsonNode got)
    {
        foreach (var member in HeaderMembers)
            KeepKnown(want is JsonObject ? want[member] : null, got is JsonObject ? got[member] : null);
        if (want["calls"] is not JsonArray wanted || got["calls"] is not JsonArray calls || wanted.Count != calls.Count)
            return;
        foreach (var (a, b) in wanted.Zip(calls))
            KeepKnown((a as JsonObject)?["headers"], (b as JsonObject)?["headers"]);
    }

    private static void KeepKnown(JsonNode? want, JsonNode? got)
    {
        if (want is not JsonObject known || got is not JsonObject all)
            return;
        foreach (var name in all.Select(header => header.Key).Where(name => !known.ContainsKey(name)).ToArray())
            all.Remove(name);
    }

    private static void Compare(JsonNode? want, JsonNode? got, string path, bool mayHaveMore, List<(string Path, JsonNode? Want, JsonNode? Got)> found)
    {
        switch (want, got)
        {
            case (JsonObject wanted, JsonObject members):
                foreach (var (name, value) in wanted)
                {
                    if (members.TryGetPropertyValue(name, out var came))
                        Compare(value, came, $"{path}.{name}", mayHaveMore, found);
                    else
                        found.Add(($"{path}.{name}", value, Absent));
                }
                if (!mayHaveMore)
                    found.AddRange(members.Where(member => !wanted.ContainsKey(member.Key)).Select(member => ($"{path}.{member.Key}", (JsonNode?)Absent, member.Value)));
                break;
            case (JsonArray wanted, JsonArray list) when wanted.Count == list.Count:
                for (var i = 0; i < list.Count; i++)
                    Compare(wanted[i], list[i], $"{path}.{i}", mayHaveMore, found);
                break;
            default:
                if (!AreEqual(want, got))
                    found.Add((path, want, got));
                break;
        }
    }

    private static bool AreEqual(JsonNode? want, JsonNode? got)
    {
        if (want.IsText(out var pattern))
        {
            if (pattern == Anything)
                return true;
            if (pattern.StartsWith('~') && (got.IsText(out _) || got.IsNumber()))
                return got.Plain() == pattern || Regex.IsMatch(got.Plain(), pattern[1..]);
        }
        return want.IsNumber() && got.IsNumber()
            ? want!.ToJsonString() == got!.ToJsonString() || Value(want) == Value(got!)
            : JsonNode.DeepEquals(want, got);
    }

    private static double Value(JsonNode number) => double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(^\.message$|\$json\.message$|\.error$|error_?msg|errorMessage|http\.error_message|stackTrace)", RegexOptions.IgnoreCase)]
    private static partial Regex Wording();
}
