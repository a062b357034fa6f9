using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Resources;

/// <summary>
/// The Configuration files of a sidecar (--config), merged in order; lists replace. Features read their part of <see cref="Spec"/> by path, such as
/// <c>Spec.Text("tracing.samplingRate")</c>.
/// </summary>
public sealed partial class DaprConfiguration(YamlMappingNode spec)
{
    public static readonly DaprConfiguration Empty = new([]);

    public YamlMappingNode Spec { get; } = spec;

    /// <summary>Reads the files; <c>$VAR</c> and <c>${VAR}</c> are replaced from the environment first.</summary>
    public static DaprConfiguration Load(IEnumerable<string> files)
    {
        var merged = new YamlMappingNode();
        foreach (var file in files)
        {
            if (!File.Exists(file))
                throw new ResourceException(file, 1, "the configuration file does not exist", "Correct the path, or leave the setting out.");
            var text = Variables().Replace(File.ReadAllText(file), static m => Environment.GetEnvironmentVariable(m.Groups[1].Value + m.Groups[2].Value) ?? "");
            foreach (var document in ResourceDocument.Parse(file, text))
            {
                if (document.Root.At("spec") is YamlMappingNode spec)
                    Merge(merged, spec);
            }
        }
        return new DaprConfiguration(merged);
    }

    /// <summary>True when <c>spec.api.allowed</c> or <c>denied</c> closes the route for HTTP; denied wins, healthz is always open (contract section 8).</summary>
    public bool IsHttpClosed(string group, string version) => IsClosed(group, version, "http");

    /// <summary>The same for gRPC, whose versions are v1, v1alpha1 and so on.</summary>
    public bool IsGrpcClosed(string group, string version) => IsClosed(group, version, "grpc");

    private bool IsClosed(string group, string version, string protocol)
    {
        if (group == "healthz")
            return false;
        bool Lists(string list, out bool speaks)
        {
            var entries = Spec.Items($"api.{list}").Where(e => (e.Text("protocol") is null or "" || e.Text("protocol") == protocol) && IsVersionOf(e.Text("version"), protocol)).ToArray();
            speaks = entries.Length > 0;
            return entries.Any(e => e.Text("name") == group && Covers(e.Text("version") ?? "", version));
        }
        return Lists("denied", out _) || (!Lists("allowed", out var restricted) && restricted);
    }

    /// <summary>An entry such as v1.0 means nothing to gRPC: Dapr drops it before it looks whether the list is empty.</summary>
    private static bool IsVersionOf(string? version, string protocol) => protocol == "http" || version?.Contains('.', StringComparison.Ordinal) != true;

    private static bool Covers(string listed, string version) => listed == version || (listed == "v1" && version == "v1.0");

    private static void Merge(YamlMappingNode into, YamlMappingNode from)
    {
        foreach (var (key, value) in from.Children)
        {
            if (value is YamlMappingNode inner && into.Children.TryGetValue(key, out var existing) && existing is YamlMappingNode target)
                Merge(target, inner);
            else
                into.Children[key] = value;
        }
    }

    [GeneratedRegex(@"\$(?:\{(\w+)\}|(\w+))")]
    private static partial Regex Variables();
}
