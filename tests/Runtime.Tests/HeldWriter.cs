using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Tests;

/// <summary>Another process that writes to a file: whoever else wants to waits, in order, until disposed.</summary>
internal sealed class HeldWriter : IAsyncDisposable
{
    private readonly Database database;
    private readonly ManualResetEventSlim release = new();
    private readonly Task held;

    public HeldWriter(string file)
    {
        database = Database.Open(file, Durability.Normal, "");
        using var begun = new ManualResetEventSlim();
        held = database.WriteAsync(_ =>
        {
            begun.Set();
            release.Wait();
        });
        begun.Wait();
    }

    public async ValueTask DisposeAsync()
    {
        release.Set();
        await held;
        await database.DisposeAsync();
        release.Dispose();
    }
}
