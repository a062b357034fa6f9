using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Quayside.ServiceDefaults.Hosting;

/// <summary>Where the service keeps files of its own (SQLite): the setting DataDirectory, else APP_DATA_DIR, else ./.data/&lt;app id&gt;.</summary>
public sealed record DataDirectory(string Path)
{
    /// <summary>The full path of a file in it; the folder exists afterwards.</summary>
    public string File(string name) => System.IO.Path.Combine(Directory.CreateDirectory(Path).FullName, name);
}

internal static class DataDirectoryExtensions
{
    public static WebApplicationBuilder AddDataDirectory(this WebApplicationBuilder builder, string appId)
    {
        var path = builder.Configuration["DataDirectory"] ?? builder.Configuration["APP_DATA_DIR"] ?? Path.Combine(".data", appId);
        builder.Configuration["DataDirectory"] = path;
        builder.Services.AddSingleton(new DataDirectory(path));
        return builder;
    }
}
