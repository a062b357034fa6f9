using System.Net.Http.Headers;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Cli;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Bindings;

/// <summary>
/// bindings.http (Dapr 1.18): the operation is the verb in lower case (create = POST), metadata <c>path</c> is put behind the url, metadata
/// beginning with a capital are headers. Redirects are followed. A status outside 200-299 is an error unless <c>errorIfNot2XX</c> is false.
/// </summary>
internal sealed class HttpBinding : IOutputBinding
{
    private const string Json = "application/json; charset=utf-8";
    private const int MaxResponse = 100 << 20;

    private static readonly Dictionary<string, HttpMethod> Verbs = new(StringComparer.Ordinal)
    {
        ["create"] = HttpMethod.Post, ["post"] = HttpMethod.Post, ["get"] = HttpMethod.Get, ["head"] = HttpMethod.Head, ["put"] = HttpMethod.Put,
        ["patch"] = HttpMethod.Patch, ["delete"] = HttpMethod.Delete, ["options"] = HttpMethod.Options, ["trace"] = HttpMethod.Trace,
    };

    private readonly HttpClient client;
    private readonly string url;
    private readonly bool errorIfNot2xx;
    private readonly (string Name, string Value)? token;

    public HttpBinding(Component component)
    {
        url = component["url"] is { Length: > 0 } text && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? text.TrimEnd('/')
            : throw component.Spec.Error($"metadata `url` is `{component["url"]}`, which is no http address", "Write for example http://localhost:8000/api.");
        if (component.Metadata.Keys.FirstOrDefault(k => k.StartsWith("MTLS", StringComparison.OrdinalIgnoreCase)) is { } tls)
            throw component.Spec.Error($"metadata `{tls}` is not served by this runtime", "Leave it out, or run the real Dapr.");
        errorIfNot2xx = component["errorIfNot2XX"] is null || component.IsTrue("errorIfNot2XX");
        token = component["securityToken"] is { Length: > 0 } value && component["securityTokenHeader"] is { Length: > 0 } name ? (name, value) : null;
        client = new HttpClient(new SocketsHttpHandler { UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ActivityHeadersPropagator = null })
        {
            Timeout = component["responseTimeout"] is { Length: > 0 } limit ? Duration(component, limit) : Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxResponse,
        };
    }

    public async Task<BindingResult?> InvokeAsync(BindingRequest request, CancellationToken cancellation)
    {
        if (!Verbs.TryGetValue(request.Operation, out var verb))
            throw BindingException.NoSuchOperation(request.Operation);
        using var message = CreateMessage(verb, request);
        try
        {
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellation);
            var metadata = Describe(response);
            var strict = request.Metadata.TryGetValue("errorIfNot2XX", out var word) ? word.Equals("true", StringComparison.OrdinalIgnoreCase) : errorIfNot2xx;
            if (strict && !response.IsSuccessStatusCode)
                throw new BindingException($"received status code {(int)response.StatusCode}", metadata);
            return new BindingResult(await response.Content.ReadAsByteArrayAsync(cancellation), metadata);
        }
        catch (HttpRequestException failure)
        {
            throw new BindingException(failure.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BindingException($"{url} did not answer within {client.Timeout.TotalMilliseconds} ms");
        }
    }

    public void Dispose() => client.Dispose();

    private HttpRequestMessage CreateMessage(HttpMethod verb, BindingRequest request)
    {
        var path = request.Metadata.GetValueOrDefault("path") ?? "";
        var message = new HttpRequestMessage(verb, path.Length == 0 ? url : $"{url}/{path.TrimStart('/')}");
        if (verb == HttpMethod.Post || verb == HttpMethod.Put || verb == HttpMethod.Patch)
        {
            message.Content = new ReadOnlyMemoryContent(request.Data);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", Json);
        }
        message.Headers.TryAddWithoutValidation("Accept", Json);
        if (token is var (name, value))
            message.Headers.TryAddWithoutValidation(name, value);
        foreach (var (header, text) in request.Metadata)
        {
            if (header.Length == 0 || !char.IsUpper(header[0]))
                continue;
            HttpHeaders? target = header.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) ? message.Content?.Headers : message.Headers;
            if (HeaderText.HasControls(text))
                throw new BindingException($"metadata {header} holds a control character and can be no header");
            target?.Remove(header);
            target?.TryAddWithoutValidation(header, text);
        }
        return message;
    }

    private static Dictionary<string, string> Describe(HttpResponseMessage response)
    {
        var code = (int)response.StatusCode;
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["statusCode"] = code.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["status"] = $"{code} {Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(code)}",
        };
        AddAll(response.Headers);
        AddAll(response.Content.Headers);
        return metadata;

        void AddAll(HttpHeaders headers)
        {
            foreach (var (name, values) in headers.NonValidated)
                metadata.TryAdd(Canonical(name), string.Join(", ", values));
        }
    }

    /// <summary>x-reply becomes X-Reply, as Go writes header names.</summary>
    private static string Canonical(string name) =>
        string.Join('-', name.Split('-').Select(word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));

    private static TimeSpan Duration(Component component, string text) =>
        Quantity.TryParseDuration(text, out var duration) ? duration : throw component.Spec.Error($"metadata `responseTimeout` is `{text}`, which is no duration", "Write for example 5s.");
}
