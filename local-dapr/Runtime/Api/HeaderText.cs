namespace LocalDapr.Runtime.Api;

/// <summary>Texts that are to become headers. What is added without validation goes out as it is, line ends and all.</summary>
internal static class HeaderText
{
    public static bool HasControls(string text) => text.AsSpan().ContainsAnyInRange('\0', '\x1f');
}
