using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.State;

/// <summary>What a state component puts before the keys of an app: metadata <c>keyPrefix</c> (contract section 4).</summary>
internal static class KeyPrefix
{
    public const string Separator = "||";

    /// <summary>The prefix with its separator, or "".</summary>
    public static string Of(Component component, SidecarOptions options)
    {
        var word = component["keyPrefix"]?.Trim().ToLowerInvariant() ?? "";
        if (word.Contains(Separator, StringComparison.Ordinal))
            throw component.Spec.Error($"metadata `keyPrefix` contains {Separator}", "Choose another prefix.");
        return word switch
        {
            "none" => "",
            "name" => component.Name + Separator,
            "namespace" when options.Namespace.Length > 0 => $"{options.Namespace}.{options.AppId}{Separator}",
            "" or "appid" or "namespace" => options.AppId + Separator,
            _ => word + Separator,
        };
    }
}
