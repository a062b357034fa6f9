using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Quayside.ServiceDefaults.Problems;

/// <summary>Turns what the framework says about unreadable input into problem details that name the field and no .NET type.</summary>
internal static partial class InputProblem
{
    private static readonly string[] Required = ["is required"];
    private static readonly string[] Invalid = ["is not valid"];

    public static IResult From(BadHttpRequestException refused) => refused switch
    {
        { StatusCode: StatusCodes.Status400BadRequest, InnerException: JsonException json } => TypedResults.ValidationProblem(OfBody(json)),
        { StatusCode: StatusCodes.Status400BadRequest } when Parameter().Match(refused.Message) is { Success: true } parameter =>
            TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                [refused.Message.Contains("body", StringComparison.Ordinal) ? "$" : parameter.Groups["name"].Value] = refused.Message.Contains("not provided", StringComparison.Ordinal) ? Required : Invalid,
            }),
        { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            TypedResults.Problem(statusCode: refused.StatusCode, detail: "The request body is larger than this resource takes."),
        _ => TypedResults.Problem(statusCode: refused.StatusCode),
    };

    private static Dictionary<string, string[]> OfBody(JsonException json)
    {
        if (Missing().Match(json.Message) is { Success: true } missing)
        {
            var parent = Field(json.Path) is var path and not "$" ? path + "." : "";
            return Quoted().Matches(missing.Groups["names"].Value).ToDictionary(m => parent + m.Groups[1].Value, _ => Required);
        }

        return new() { [Field(json.Path)] = [Reason(json)] };
    }

    private static string Reason(JsonException json) => json.Message switch
    {
        // The reader's own exception, of text that is no JSON, arrives wrapped in the serializer's.
        _ when json.InnerException is JsonException => $"is not valid JSON (line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1})",
        var text when text.Contains("could not be mapped to any", StringComparison.Ordinal) => "is not a known field",
        var text when text.StartsWith("Duplicate", StringComparison.Ordinal) => "is given twice",
        var text when text.Contains("allow null", StringComparison.Ordinal) => "must not be null",
        _ => "has the wrong type or is out of range",
    };

    private static string Field(string? path) => path is null or "$" or "" ? "$" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;

    [GeneratedRegex("parameter \"[^\"]*?(?<name>[A-Za-z0-9_-]+)\"")]
    private static partial Regex Parameter();

    [GeneratedRegex("missing required properties,? including:? (?<names>.*)")]
    private static partial Regex Missing();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
