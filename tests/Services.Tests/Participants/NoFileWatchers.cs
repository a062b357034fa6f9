using System.Runtime.CompilerServices;

namespace Quayside.Services.Tests.Participants;

/// <summary>Dozens of hosts in one process would use up the user's inotify instances.</summary>
internal static class NoFileWatchers
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
}
