using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Quayside.Services.Tests.Events;

public sealed class SchemaCompatibilityTests
{
    private const string Released = """
        {
          "$id": "https://quayside.test/schemas/things/thing.made.v1.json",
          "title": "Thing made", "type": "object", "required": ["id", "price", "parts"],
          "properties": {
            "id": { "type": "string", "format": "uuid", "description": "The thing." },
            "price": { "$ref": "#/$defs/money" },
            "colour": { "enum": ["red", "green"] },
            "note": { "type": ["string", "null"] },
            "parts": { "type": "array", "items": { "type": "object", "required": ["weight"], "properties": { "weight": { "type": "integer", "minimum": 1 } } } }
          },
          "$defs": { "money": { "type": "object", "required": ["amount"], "properties": { "amount": { "type": "integer" } } } }
        }
        """;

    public static TheoryData<string, string, string> Breaking => new()
    {
        { "\"id\": { \"type\": \"string\", \"format\": \"uuid\", \"description\": \"The thing.\" },", "", "the required member id was removed: consumers read it." },
        { "\"note\": { \"type\": [\"string\", \"null\"] },", "", "the optional member note was removed: consumers read it." },
        { "\"id\": { \"type\": \"string\"", "\"id\": { \"type\": \"integer\"", "the type of id was changed (string -> integer)." },
        { "\"id\": { \"type\": \"string\"", "\"id\": { \"type\": [\"string\", \"null\"]", "the type of id was widened: consumers do not expect all of it (string -> null or string)." },
        { "[\"string\", \"null\"]", "\"string\"", "the type of note was narrowed: stored events have all of it (null or string -> string)." },
        { "\"amount\": { \"type\": \"integer\"", "\"amount\": { \"type\": \"number\"", "the type of price.amount was changed (integer -> number)." },
        { "\"amount\": { \"type\": \"integer\" }", "\"amount\": { }", "the type of price.amount was changed (integer -> any)." },
        { "[\"id\", \"price\", \"parts\"]", "[\"id\", \"price\", \"parts\", \"note\"]", "the member note was optional and is required: stored events may lack it." },
        { "[\"id\", \"price\", \"parts\"]", "[\"id\", \"price\"]", "the member parts was required and is optional: consumers rely on it." },
        { "[\"weight\"]", "[\"weight\", \"size\"]", "the member parts[].size was added as a required one: stored events may lack it." },
        { "\"weight\": {", "\"mass\": {", "the required member parts[].weight was removed: consumers read it." },
        { "[\"red\", \"green\"]", "[\"red\"]", "the value \"green\" of colour was removed: stored events have it." },
        { "[\"red\", \"green\"]", "[\"red\", \"green\", \"blue\"]", "the value \"blue\" of colour was added: consumers do not expect it." },
        { "{ \"enum\": [\"red\", \"green\"] }", "{ }", "the values of colour are not listed any more: consumers do not expect others." },
        { "\"type\": [\"string\", \"null\"]", "\"type\": [\"string\", \"null\"], \"enum\": [\"a\"]", "the values of note were not listed and are now: stored events may have others." },
        { "\"format\": \"uuid\"", "\"format\": \"email\"", "'format' of id was \"uuid\" and is \"email\"." },
        { ", \"minimum\": 1", "", "'minimum' of parts[].weight was 1 and is not there." },
        { "\"title\": \"Thing made\",", "\"additionalProperties\": false,", "'additionalProperties' of the payload was not there and is false." },
    };

    [Theory]
    [MemberData(nameof(Breaking))]
    public void A_breaking_change_is_told_in_a_sentence_with_its_cure(string from, string to, string change)
    {
        var problems = Check(Released.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal($"things/thing.made.v1.json: {change} {SchemaCompatibility.Cure}", problems[0]);
    }

    [Fact]
    public void A_released_file_that_is_gone_is_told() => Assert.Equal(
        ["things/thing.made.v1.json was released and is gone. Events of it are stored and published for ever: keep the file."],
        SchemaCompatibility.Check("things/thing.made.v1.json", JsonNode.Parse(Released)!.AsObject(), null));

    public static TheoryData<string, string> Compatible => new()
    {
        { "", "" },
        { "\"note\": {", "\"size\": { \"type\": \"integer\" }, \"note\": {" },
        { "\"weight\": {", "\"size\": { \"type\": \"integer\" }, \"weight\": {" },
        { "Thing made", "A thing was made" },
        { "The thing.", "The thing that was made." },
        { "[\"string\", \"null\"]", "[\"null\", \"string\"]" },
        { "[\"id\", \"price\", \"parts\"]", "[\"parts\", \"price\", \"id\"]" },
        { "{ \"$ref\": \"#/$defs/money\" }", "{ \"type\": \"object\", \"required\": [\"amount\"], \"properties\": { \"amount\": { \"type\": \"integer\" } } }" },
    };

    [Theory]
    [MemberData(nameof(Compatible))]
    public void An_optional_member_more_and_other_words_break_nothing(string from, string to) =>
        Assert.Empty(Check(from.Length == 0 ? Released : Released.Replace(from, to, StringComparison.Ordinal)));

    public static TheoryData<string> ReleasedNames => new(PublishedSchemas.NamesIn(PublishedSchemas.Released));

    [Theory]
    [MemberData(nameof(ReleasedNames))]
    public void Nothing_that_was_released_is_broken(string name)
    {
        var problems = SchemaCompatibility.Check(
            name, PublishedSchemas.ReadReleased(name), PublishedSchemas.Names.Contains(name) ? PublishedSchemas.Read(name) : null);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    /// <summary>A name that is replaced everywhere at once would be replaced in the released files too, but not in their hashes.</summary>
    [Fact]
    public void The_released_files_are_those_that_were_released()
    {
        var sums = File.ReadAllLines(Path.Combine(PublishedSchemas.Released, "SHA256SUMS")).Select(line => line.Split("  ")).ToDictionary(part => part[1], part => part[0]);
        Assert.Equal(sums.Keys.Order(StringComparer.Ordinal), PublishedSchemas.NamesIn(PublishedSchemas.Released));
        Assert.All(sums, sum => Assert.True(
            sum.Value == Hash(File.ReadAllText(Path.Combine(PublishedSchemas.Released, sum.Key))),
            $"released/{sum.Key} is not what was released. {SchemaCompatibility.Cure}"));

        // a checkout on Windows may have other line ends
        static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));
    }

    private static IReadOnlyList<string> Check(string today)
    {
        var (released, now) = (JsonNode.Parse(Released)!.AsObject(), JsonNode.Parse(today)!.AsObject());
        return SchemaCompatibility.Check("things/thing.made.v1.json", released, now);
    }
}
