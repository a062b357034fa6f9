using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Resources;

/// <summary>A Component as written (contract section 18), before secrets and templates are filled in.</summary>
public sealed record ComponentSpec(
    string Name,
    string Type,
    string Version,
    IReadOnlyList<MetadataItem> Metadata,
    IReadOnlyList<string> Scopes,
    bool IgnoreErrors,
    string? InitTimeout,
    string? SecretStore,
    string File,
    long Line)
{
    public bool IsFor(string appId) => Scopes.Count == 0 || Scopes.Contains(appId);

    /// <summary>A complaint about this component that names its file and line.</summary>
    public ResourceException Error(string problem, string cure) => new(File, Line, problem, cure);

    /// <exception cref="ResourceException">The component asks for another version. As in Dapr 1.18, an empty version and v0 mean v1.</exception>
    public void RequireVersion(params ReadOnlySpan<string> versions)
    {
        if (!versions.Contains(Version) && !(versions.Contains("v1") && Version is "" or "v0"))
            throw Error($"component type `{Type}` has no version `{Version}`", $"Write `version: {versions[0]}`.");
    }

    public static ComponentSpec Read(ResourceDocument document)
    {
        var root = document.Root;
        var metadata = new List<MetadataItem>();
        foreach (var item in root.Items("spec.metadata"))
        {
            if (item is not YamlMappingNode entry)
                throw document.Error(item, "an entry of spec.metadata is not a mapping", "Write `- name: ...` and `value: ...`.");
            metadata.Add(new MetadataItem(
                document.Require(entry, "name"),
                entry.At("value")?.MetadataText(),
                entry.Text("secretKeyRef.name"),
                entry.Text("secretKeyRef.key"),
                entry.Text("envRef")));
        }
        return new ComponentSpec(
            document.Require(root, "metadata.name"),
            document.Require(root, "spec.type"),
            document.Require(root, "spec.version"),
            metadata,
            root.Texts("scopes"),
            root.Text("spec.ignoreErrors") == "true",
            root.Text("spec.initTimeout"),
            root.Text("auth.secretStore"),
            document.File,
            (root.At("spec.type") ?? root).Start.Line);
    }
}

/// <summary>One entry of <c>spec.metadata</c>: a value, or where to find it.</summary>
public sealed record MetadataItem(string Name, string? Value, string? SecretName, string? SecretKey, string? EnvironmentVariable);

/// <summary>A component ready to be loaded. Metadata names ignore case.</summary>
public sealed record Component(ComponentSpec Spec, IReadOnlyDictionary<string, string> Metadata)
{
    public string Name => Spec.Name;

    public string Type => Spec.Type;

    public string? this[string name] => Metadata.GetValueOrDefault(name);

    /// <summary>A flag of the metadata as Dapr reads one: 1, true, t, y, yes, on, in any case.</summary>
    public bool IsTrue(string name) => this[name]?.ToUpperInvariant() is "1" or "TRUE" or "T" or "Y" or "YES" or "ON";
}
