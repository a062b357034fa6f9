namespace LocalDapr.Runtime.Secrets;

/// <summary>One loaded secret store. A secret is a set of values by key; stores with one value a secret use its name as the key.</summary>
internal interface ISecretStore
{
    /// <summary>Null when there is no such secret.</summary>
    IReadOnlyDictionary<string, string>? Find(string name);

    /// <summary>All secrets by name.</summary>
    IEnumerable<KeyValuePair<string, IReadOnlyDictionary<string, string>>> All();
}
