namespace LocalDapr.Runtime.Resources;

/// <summary>Everything that the resource folders of one app hold and that is in its scope.</summary>
public sealed record ResourceSet(
    IReadOnlyList<ComponentSpec> Components,
    IReadOnlyList<ResourceDocument> Subscriptions,
    IReadOnlyList<ResourceDocument> HttpEndpoints,
    IReadOnlyList<ResourceDocument> Resiliencies)
{
    public static readonly ResourceSet Empty = new([], [], [], []);

    /// <summary>
    /// Reads the .yaml and .yml files of the folders, not recursively, in name order. In <paramref name="strict"/> mode (the run command) any
    /// unreadable file is an error; else it is reported to <paramref name="skipped"/> and left out, as daprd does.
    /// </summary>
    public static ResourceSet Load(IEnumerable<string> folders, string appId, bool strict, Action<ResourceException> skipped)
    {
        var components = new List<ComponentSpec>();
        var subscriptions = new List<ResourceDocument>();
        var endpoints = new List<ResourceDocument>();
        var resiliencies = new List<ResourceDocument>();
        foreach (var folder in folders)
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(IsYaml).Order(StringComparer.Ordinal))
            {
                try
                {
                    foreach (var document in ResourceDocument.Load(file))
                        Add(document);
                }
                catch (ResourceException failure) when (!strict)
                {
                    skipped(failure);
                }
            }
        }
        RefuseTwice(components);
        return new ResourceSet(components, subscriptions, endpoints, resiliencies);

        void Add(ResourceDocument document)
        {
            var root = document.Root;
            var kind = document.Require(root, "kind");
            var apiVersion = root.Text("apiVersion");
            var inScope = root.Texts("scopes") is var scopes && (scopes.Count == 0 || scopes.Contains(appId));
            switch (kind, apiVersion)
            {
                case ("Component", "dapr.io/v1alpha1"):
                    if (ComponentSpec.Read(document) is var component && component.IsFor(appId) && IsInNamespace(document))
                        components.Add(component);
                    break;
                case ("Subscription", "dapr.io/v1alpha1" or "dapr.io/v2alpha1"):
                    if (inScope)
                        subscriptions.Add(document);
                    break;
                case ("HTTPEndpoint", "dapr.io/v1alpha1"):
                    if (inScope)
                        endpoints.Add(document);
                    break;
                case ("Resiliency", _):
                    if (inScope)
                        resiliencies.Add(document);
                    break;
                case ("Configuration", _):
                    break;
                case ("Component" or "Subscription" or "HTTPEndpoint", _):
                    throw document.Error(root.At("apiVersion"), $"apiVersion `{apiVersion}` is not one of a {kind}", "Write `apiVersion: dapr.io/v1alpha1`.");
                default:
                    throw document.Error(root.At("kind"), $"kind `{kind}` is not a Dapr resource", "Use Component, Subscription, HTTPEndpoint, Resiliency or Configuration.");
            }
        }
    }

    private static bool IsYaml(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    private static bool IsInNamespace(ResourceDocument document) =>
        document.Root.Text("metadata.namespace") is not { Length: > 0 } wanted
        || Environment.GetEnvironmentVariable("NAMESPACE") is not { Length: > 0 } actual
        || wanted == actual;

    private static void RefuseTwice(List<ComponentSpec> components)
    {
        foreach (var twins in components.GroupBy(c => c.Name).Where(g => g.Count() > 1))
        {
            var (first, second) = (twins.First(), twins.ElementAt(1));
            throw new ResourceException(second.File, second.Line, $"component `{second.Name}` is already defined in {first.File}:{first.Line}", "Rename or remove one of the two.");
        }
    }
}
