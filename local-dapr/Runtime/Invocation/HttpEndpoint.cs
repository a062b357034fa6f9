using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Invocation;

/// <summary>An HTTPEndpoint resource: where it is, and the headers that every call to it gets.</summary>
internal sealed record HttpEndpoint(string Name, string BaseUrl, IReadOnlyDictionary<string, string> Headers)
{
    public static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    public static async Task<HttpEndpoint> ReadAsync(ResourceDocument document, ISecretSource? secrets, CancellationToken cancellation)
    {
        var root = document.Root;
        var store = root.Text("auth.secretStore");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in root.Items("spec.headers"))
        {
            var name = header.Text("name") ?? throw document.Error(header, "a header has no name", "Add `name: ...`.");
            headers[name] = header.Text("value") ?? await SecretAsync(header.Text("secretKeyRef.name"), header.Text("secretKeyRef.key")) ?? "";
        }
        var address = document.Require(root, "spec.baseUrl");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw document.Error(root.At("spec.baseUrl"), $"`{address}` is not an http or https URL", "Write for example https://api.example.com/v1.");
        return new HttpEndpoint(document.Require(root, "metadata.name"), address.TrimEnd('/'), headers);

        async Task<string?> SecretAsync(string? name, string? key)
        {
            if (name is null || store is null || secrets is null || !secrets.Has(store))
                return null;
            var secret = await secrets.GetAsync(store, name, cancellation);
            return secret.TryGetValue(key ?? name, out var value) ? value : secret.Values.FirstOrDefault();
        }
    }
}
