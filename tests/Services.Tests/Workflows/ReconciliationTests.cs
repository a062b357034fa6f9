using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quayside.Contracts.Outside;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Workflows.Reconciling;

namespace Quayside.Services.Tests.Workflows;

public sealed class ReconciliationTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly ModelHouse house;
    private readonly Lines log = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Reconciliation reconciliation;

    public ReconciliationTests()
    {
        house = new ModelHouse(1, time);
        var reader = new BooksReader(house, TimeSpan.FromMinutes(5), time);
        reconciliation = new(reader, services.GetRequiredService<IMeterFactory>(), Options.Create(new ReconciliationOptions()), time, log);
    }

    public void Dispose()
    {
        reconciliation.Dispose();
        services.Dispose();
    }

    [Fact]
    public async Task A_difference_is_told_once_when_it_appears_once_when_it_is_gone_and_counted_in_between()
    {
        house.Write(house.Bank, "nobody", LedgerKinds.Capture, 5);
        for (var pass = 0; pass < 3; pass++)
        {
            var books = await reconciliation.CheckAsync(default);
            Assert.Equal(time.GetUtcNow(), books.CheckedAt);
        }
        Assert.Equal(LogLevel.Error, Assert.Single(log, line => line.Text.Contains("nobody", StringComparison.Ordinal)).Level);
        Assert.Equal(1, Gauge("unknownPayment"));

        house.Write(house.Bank, "nobody", LedgerKinds.Refund, 5);
        for (var pass = 0; pass < 3; pass++) await reconciliation.CheckAsync(default);
        Assert.Equal([LogLevel.Error, LogLevel.Information], log.Select(line => line.Level));
        Assert.Equal(0, Gauge("unknownPayment"));
    }

    [Fact]
    public async Task It_checks_by_itself_soon_after_the_start_and_then_every_minute()
    {
        await reconciliation.StartAsync(default);
        var began = time.GetUtcNow();
        house.Write(house.Bank, "first", LedgerKinds.Capture, 5);
        await PassesAsync(TimeSpan.FromSeconds(1), until: 1);
        Assert.True(time.GetUtcNow() - began >= TimeSpan.FromSeconds(30));
        house.Write(house.Bank, "second", LedgerKinds.Capture, 5);
        await PassesAsync(TimeSpan.FromMinutes(1), until: 2);
        await reconciliation.StopAsync(default);
    }

    private Task PassesAsync(TimeSpan step, int until) => Participants.House.Until(() =>
    {
        time.Advance(step);
        return Task.FromResult(log.Count == until);
    });

    private int Gauge(string kind)
    {
        var value = -1;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, services.GetRequiredService<IMeterFactory>()) && instrument.Name == "quayside.books.differences") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, measured, tags, _) => value = tags[0].Value is string name && name == kind ? measured : value);
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }

    private sealed class Lines : ConcurrentQueue<(LogLevel Level, string Text)>, ILogger<Reconciliation>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue((logLevel, formatter(state, exception)));
    }
}
