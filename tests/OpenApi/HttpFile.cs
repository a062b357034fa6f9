using System.Text.RegularExpressions;

namespace Quayside.OpenApi;

/// <summary>One request of a .http file as it is written, with its placeholders.</summary>
internal sealed record HttpFileRequest(string? Name, string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, string Body);

/// <summary>As much of the format as requests.http uses: variables, names, headers, bodies, and placeholders that look into earlier answers.</summary>
internal sealed partial class HttpFile
{
    private HttpFile(Dictionary<string, string> variables, List<HttpFileRequest> requests) => (Variables, Requests) = (variables, requests);

    public Dictionary<string, string> Variables { get; }

    public IReadOnlyList<HttpFileRequest> Requests { get; }

    public static HttpFile Read()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "requests.http")).ReplaceLineEndings("\n");
        var variables = Variable().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        return new HttpFile(variables, [.. Separator().Split(text).Skip(1).Select(Parse)]);
    }

    /// <summary>Puts values in the place of placeholders.</summary>
    public static string Fill(string text, Func<string, string> value) => Placeholder().Replace(text, match => value(match.Groups[1].Value));

    private static HttpFileRequest Parse(string part)
    {
        var lines = part.Split('\n').Skip(1).SkipWhile(line => line.Length == 0 || line.StartsWith('#')).ToList();
        var head = lines.TakeWhile(line => line.Length > 0).ToList();
        var first = head[0].Split(' ', 2);
        return new(
            Named().Match(part) is { Success: true } named ? named.Groups[1].Value : null, first[0], first[1],
            [.. head.Skip(1).Select(line => (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()))],
            string.Join('\n', lines.Skip(head.Count)).Trim());
    }

    [GeneratedRegex("^###", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^@(\w+) = (.*)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^# @name (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Named();

    [GeneratedRegex(@"\{\{(.+?)\}\}")]
    private static partial Regex Placeholder();
}
