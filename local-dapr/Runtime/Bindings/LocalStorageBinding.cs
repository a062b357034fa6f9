using System.Text;
using System.Text.Json;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Bindings;

/// <summary>
/// bindings.localstorage (Dapr 1.18): files below <c>rootPath</c>; operations create, get, delete, list with metadata <c>fileName</c>.
/// A JSON string is written without its quotes, and base64 text as the bytes it stands for. No name leads out of the root.
/// </summary>
internal sealed class LocalStorageBinding : IOutputBinding
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly string root;

    public LocalStorageBinding(Component component, string workingDirectory)
    {
        if (component["rootPath"] is not { Length: > 0 } path)
            throw component.Spec.Error("metadata `rootPath` is missing", "Name the folder that the files go to.");
        root = Path.GetFullPath(path, workingDirectory);
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw component.Spec.Error($"the folder {root} cannot be made ({failure.Message})", "Correct `rootPath`.");
        }
    }

    public async Task<BindingResult?> InvokeAsync(BindingRequest request, CancellationToken cancellation)
    {
        var name = request.Metadata.GetValueOrDefault("fileName") ?? "";
        try
        {
            return request.Operation switch
            {
                "create" => await CreateAsync(name.Length > 0 ? name : Guid.NewGuid().ToString(), request.Data, cancellation),
                "get" => new BindingResult(await File.ReadAllBytesAsync(Inside(Named(name)), cancellation), NoMetadata),
                "delete" => Delete(Inside(Named(name))),
                "list" => List(Inside(name)),
                _ => throw BindingException.NoSuchOperation(request.Operation),
            };
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BindingException($"file not found: {name}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BindingException(failure.Message);
        }
    }

    public void Dispose()
    {
    }

    private async Task<BindingResult?> CreateAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var path = Inside(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A reader, or a crash in the middle, must not see half a file.
        var temporary = Path.Combine(root, $".{Guid.NewGuid():N}.tmp");
        await File.WriteAllBytesAsync(temporary, Content(data), cancellation);
        File.Move(temporary, path, overwrite: true);
        return new BindingResult(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["fileName"] = Path.GetRelativePath(root, path) }), NoMetadata);
    }

    private static BindingResult? Delete(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException(path);
        File.Delete(path);
        return null;
    }

    private static BindingResult List(string path) => Directory.Exists(path)
        ? new BindingResult(JsonSerializer.SerializeToUtf8Bytes(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)), NoMetadata)
        : throw new BindingException(File.Exists(path) ? $"{path} is not a folder" : $"file not found: {path}");

    private static string Named(string name) => name.Length > 0 ? name : throw new BindingException("metadata fileName is missing");

    /// <summary>The path with every <c>..</c> clipped at the root.</summary>
    private string Inside(string name)
    {
        var parts = new List<string>();
        foreach (var part in name.Split('/', '\\'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        }
        return Path.Combine([root, .. parts]);
    }

    private static ReadOnlyMemory<byte> Content(ReadOnlyMemory<byte> data)
    {
        if (!data.IsEmpty && data.Span[0] == '"')
        {
            try
            {
                data = Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(data.Span) ?? "");
            }
            catch (JsonException)
            {
            }
        }
        if (data.Length % 4 != 0)
            return data;
        var decoded = new byte[System.Buffers.Text.Base64.GetMaxDecodedFromUtf8Length(data.Length)];
        return System.Buffers.Text.Base64.DecodeFromUtf8(data.Span, decoded, out _, out var written) == System.Buffers.OperationStatus.Done ? decoded.AsMemory(0, written) : data;
    }
}
