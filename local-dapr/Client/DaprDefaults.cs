using Microsoft.Extensions.Configuration;

namespace Dapr;

/// <summary>
/// Where the sidecar is and which tokens it wants. Dapr 1.18: configuration before environment, an endpoint before a port, an empty text is unset;
/// an endpoint's path is dropped and its port made explicit.
/// </summary>
public static class DaprDefaults
{
    public const string DaprApiTokenName = "DAPR_API_TOKEN";
    public const string AppApiTokenName = "APP_API_TOKEN";
    public const string DaprHttpEndpointName = "DAPR_HTTP_ENDPOINT";
    public const string DaprHttpPortName = "DAPR_HTTP_PORT";
    public const string DaprGrpcEndpointName = "DAPR_GRPC_ENDPOINT";
    public const string DaprGrpcPortName = "DAPR_GRPC_PORT";
    public const int DefaultHttpPort = 3500;
    public const int DefaultGrpcPort = 50001;

    /// <exception cref="FormatException">The port is no number.</exception>
    public static string GetDefaultHttpEndpoint(IConfiguration? configuration = null) =>
        Endpoint(configuration, DaprHttpEndpointName, DaprHttpPortName, DefaultHttpPort);

    /// <exception cref="FormatException">The port is no number.</exception>
    public static string GetDefaultGrpcEndpoint(IConfiguration? configuration = null) =>
        Endpoint(configuration, DaprGrpcEndpointName, DaprGrpcPortName, DefaultGrpcPort);

    public static string? GetDefaultDaprApiToken(IConfiguration? configuration) => Value(configuration, DaprApiTokenName);

    public static string? GetDefaultAppApiToken(IConfiguration? configuration) => Value(configuration, AppApiTokenName);

    /// <summary>A client of the sidecar's HTTP API, its token included.</summary>
    public static HttpClient CreateDefaultHttpClient(IHttpClientFactory httpClientFactory, IConfiguration? configuration = null)
    {
        var client = httpClientFactory.CreateClient();
        client.BaseAddress = new(GetDefaultHttpEndpoint(configuration));
        if (GetDefaultDaprApiToken(configuration) is { } token && !string.IsNullOrWhiteSpace(token))
            client.DefaultRequestHeaders.TryAddWithoutValidation("dapr-api-token", token);
        return client;
    }

    private static string Endpoint(IConfiguration? configuration, string endpointName, string portName, int defaultPort)
    {
        if (Value(configuration, endpointName) is { Length: > 0 } endpoint)
        {
            var uri = new Uri(endpoint);
            return new UriBuilder(uri.Scheme, uri.Host, uri.Port).ToString();
        }
        var port = Value(configuration, portName) is { Length: > 0 } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : defaultPort;
        return new UriBuilder("http", "localhost", port).ToString();
    }

    private static string? Value(IConfiguration? configuration, string name) => configuration?[name] ?? Environment.GetEnvironmentVariable(name);
}
