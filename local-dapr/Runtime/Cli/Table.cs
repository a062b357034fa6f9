using System.Text;

namespace LocalDapr.Runtime.Cli;

/// <summary>Columns as wide as their widest cell.</summary>
internal static class Table
{
    public static string Render(IReadOnlyList<string> header, IEnumerable<string[]> rows)
    {
        var all = rows.Prepend([.. header]).ToArray();
        var widths = Enumerable.Range(0, header.Count).Select(column => all.Max(row => row[column].Length) + 2).ToArray();
        var text = new StringBuilder();
        foreach (var row in all)
            text.AppendLine(string.Concat(row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return text.ToString().TrimEnd();
    }
}
