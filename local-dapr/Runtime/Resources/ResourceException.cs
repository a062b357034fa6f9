namespace LocalDapr.Runtime.Resources;

/// <summary>A run file or resource that cannot be used: one line that names the file, the line (from 1) and the cure.</summary>
public sealed class ResourceException(string file, long line, string problem, string cure)
    : Exception($"{file}:{line}: {problem}. {cure}")
{
    public string File { get; } = file;

    public long Line { get; } = line;
}
