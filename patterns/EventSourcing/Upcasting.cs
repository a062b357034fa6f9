using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quayside.EventSourcing;

/// <summary>Turns a payload of one schema into that of the next: a pure function, which may change the object it is given.</summary>
public delegate JsonObject Upcast(JsonObject data);

/// <summary>
/// How older generations of one event are read: a step from each schema to the next, applied on reading. What is stored is never rewritten.
/// </summary>
public sealed class Upcasting
{
    private readonly List<(int From, Upcast Step)> _steps = [];
    private readonly List<string> _formerNames = [];

    public IReadOnlyList<string> FormerNames => _formerNames;

    /// <param name="schemaVersion">The schema that the step reads; it gives the next one.</param>
    public Upcasting From(int schemaVersion, Upcast step)
    {
        _steps.Add((schemaVersion, step));
        return this;
    }

    /// <summary>The event was written under this type too; its schemas are counted on under the new name.</summary>
    public Upcasting Formerly(string eventType)
    {
        _formerNames.Add(eventType);
        return this;
    }

    /// <returns>The step from schema n at n - 1.</returns>
    internal Upcast[] ChainTo(string eventType, int today)
    {
        if (today < 1)
            throw new ArgumentException(Text($"{eventType}: its schema is {today}, but the first is 1"));
        foreach (var from in _steps.GroupBy(step => step.From))
        {
            if (from.Key < 1 || from.Key >= today)
                throw new ArgumentException(Text($"{eventType}: there is an upcaster from schema {from.Key}, but the schemas to read are 1 to {today - 1}"));
            if (from.Count() > 1)
                throw new ArgumentException(Text($"{eventType}: there are {from.Count()} upcasters from schema {from.Key}"));
        }
        var steps = _steps.ToDictionary(step => step.From, step => step.Step);
        return [.. Enumerable.Range(1, today - 1).Select(from => steps.GetValueOrDefault(from)
            ?? throw new ArgumentException(Text($"{eventType}: there is no upcaster from schema {from} to {from + 1}")))];
    }

    internal static JsonObject Apply(Upcast[] chain, DomainEvent stored)
    {
        var data = JsonNode.Parse(stored.Data.Span) as JsonObject ?? throw new JsonException("The payload is no JSON object");
        return chain.Skip(stored.SchemaVersion - 1).Aggregate(data, (older, step) => step(older));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
