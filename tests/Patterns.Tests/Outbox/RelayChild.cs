using System.Diagnostics;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.RelayProcess;

namespace Quayside.Patterns.Tests.Outbox;

/// <summary>A process that appends and relays until its fault. Its broker is this test.</summary>
internal sealed class RelayChild : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly List<string> _said = [];
    private readonly Signal _spoke = new();

    private RelayChild(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data is null ? null : $"error {line.Data}");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What the broker took.</summary>
    public IReadOnlyList<(string Aggregate, long Version)> Taken => Events("taken");

    /// <summary>What it began to give to the broker.</summary>
    public IReadOnlyList<(string Aggregate, long Version)> Asked => Events("asked");

    /// <summary>What appends were acknowledged up to.</summary>
    public IReadOnlyList<(string Aggregate, long Version)> Committed => Events("committed");

    private string[] Said
    {
        get
        {
            lock (_said)
                return [.. _said];
        }
    }

    /// <param name="address">Of its store.</param>
    /// <param name="lease">Of its relay.</param>
    /// <param name="events">To append to each aggregate before it relays; 0 for both at once and for ever.</param>
    /// <param name="point">Where the fault is.</param>
    /// <param name="signal">KILL or STOP.</param>
    /// <param name="occurrence">The so-manieth time that the line is passed.</param>
    public static RelayChild Start(DatabaseAddress address, TimeSpan lease, int events, FaultPoint point, string signal, int occurrence)
    {
        string[] database = address switch
        {
            DatabaseAddress.Sqlite sqlite => ["sqlite", sqlite.Path, ""],
            DatabaseAddress.Postgres postgres => ["postgres", postgres.ConnectionString, postgres.Schema],
            _ => throw new ArgumentException(address.ToString(), nameof(address)),
        };
        var dll = AppContext.BaseDirectory.Replace("Patterns.Tests", "RelayProcess", StringComparison.Ordinal) + "RelayProcess.dll";
        var start = new ProcessStartInfo("dotnet", [dll, .. database, $"{lease.TotalMilliseconds}", $"{events}", $"{point}", signal, $"{occurrence}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return new RelayChild(Process.Start(start)!);
    }

    /// <summary>Until it was killed, and all that it said is heard.</summary>
    public async Task EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(_process.ExitCode == 137, $"{_process.ExitCode}: {string.Join('\n', Said)}");
    }

    /// <summary>Until the system says that it is stopped.</summary>
    public async Task StopAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!File.ReadAllText($"/proc/{_process.Id}/stat").Contains(") T ", StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, string.Join('\n', Said));
            await Task.Delay(10, deadline.Token);
        }
    }

    public async Task ContinueAsync()
    {
        using var kill = Process.Start("kill", ["-CONT", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async Task HearAsync(Func<RelayChild, bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var spoke = _spoke.Next;
            if (condition(this))
                return;
            await spoke.WaitAsync(deadline.Token);
        }
    }

    public bool HasSaid(string text) => Said.Any(line => line.Contains(text, StringComparison.Ordinal));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is not null)
        {
            lock (_said)
                _said.Add(line);
        }
        _spoke.Raise();
    }

    private List<(string Aggregate, long Version)> Events(string what) =>
        [.. Said.Select(line => line.Split(' ')).Where(words => words[0] == what).Select(words => (words[1], long.Parse(words[2], null)))];
}
