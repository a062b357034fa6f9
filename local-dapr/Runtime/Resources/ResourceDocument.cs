using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Resources;

/// <summary>One YAML document with its place in the file, so that every complaint can name file and line.</summary>
public sealed class ResourceDocument(string file, YamlMappingNode root)
{
    public string File { get; } = file;

    public YamlMappingNode Root { get; } = root;

    /// <summary>Reads all documents of a file. Text that is not YAML, or no mapping, throws <see cref="ResourceException"/>.</summary>
    public static IReadOnlyList<ResourceDocument> Load(string file) => Parse(file, System.IO.File.ReadAllText(file));

    public static IReadOnlyList<ResourceDocument> Parse(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException failure)
        {
            throw new ResourceException(file, failure.Start.Line, $"not valid YAML ({failure.InnerException?.Message ?? failure.Message})", "Check the indentation and quotes around this line.");
        }
        var documents = new List<ResourceDocument>();
        foreach (var document in stream.Documents)
        {
            switch (document.RootNode)
            {
                case YamlMappingNode mapping:
                    documents.Add(new ResourceDocument(file, mapping));
                    break;
                case YamlScalarNode { Value: null or "" }:
                    break;
                case var other:
                    throw new ResourceException(file, other.Start.Line, "the document is not a mapping", "Write `key: value` lines.");
            }
        }
        return documents;
    }

    public ResourceException Error(YamlNode? at, string problem, string cure) => new(File, at?.Start.Line ?? Root.Start.Line, problem, cure);

    public string Require(YamlMappingNode node, string path)
    {
        var found = node.At(path);
        return found is YamlScalarNode { Value: { Length: > 0 } value }
            ? value
            : throw Error(found ?? node, $"`{path}` is missing", $"Add `{path}: ...`.");
    }
}
