namespace Dapr.Client;

/// <summary>A value of a configuration store.</summary>
public class ConfigurationItem(string value, string version, IReadOnlyDictionary<string, string> metadata)
{
    public string Value { get; } = value;

    public string Version { get; } = version;

    public IReadOnlyDictionary<string, string> Metadata { get; } = metadata;
}

/// <summary>The values that were found, by key.</summary>
public class GetConfigurationResponse(IReadOnlyDictionary<string, ConfigurationItem> configMap)
{
    public IReadOnlyDictionary<string, ConfigurationItem> Items { get; } = configMap;
}
