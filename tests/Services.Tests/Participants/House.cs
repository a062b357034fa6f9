using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Outside;
using Quayside.Contracts.Payments;
using Quayside.Contracts.Shipping;
using Quayside.Inventory;
using Quayside.Outside;
using Quayside.Payments;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Shipping;

namespace Quayside.Services.Tests.Participants;

/// <summary>The participants with bank and carrier on real sockets. Every test has a house of its own.</summary>
internal sealed class House : IAsyncDisposable
{
    private readonly List<WebApplication> apps = [];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("quayside-");
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly TimeProvider? time;

    private House(StandInSidecar sidecar, TimeProvider? time) => (Sidecar, this.time) = (sidecar, time);

    public static Address Quay { get; } = new("Ada", "Pier 4", "Harbour", "20457", "DE");

    public StandInSidecar Sidecar { get; }

    public TestTokens Tokens { get; } = new();

    /// <summary>A house with no participant yet.</summary>
    public static async Task<House> EmptyAsync(TimeProvider? time = null) => new(await StandInSidecar.StartAsync(), time);

    public static async Task<House> StartAsync(params string[] settings)
    {
        var house = await EmptyAsync();
        await house.RunAsync(settings, ["bank", "carrier", "outside"], OutsideApp.Create);
        await house.RunAsync(settings, ["payment-service"], PaymentsApp.Create);
        await house.RunAsync(settings, ["shipping-service"], ShippingApp.Create);
        await house.RunAsync(settings, ["inventory-service"], InventoryApp.Create);
        await Until(async () => (await house.PostAsync<PriceProducts, ProductPrices>(
            "inventory-service", "internal/products/prices", new(["p-20"]))).Products.Count == 1);
        return house;
    }

    /// <summary>Of an app's own files.</summary>
    public string FolderOf(string app) => Path.Combine(folder.FullName, app);

    /// <summary>An app that answers every call with a JSON object that says nothing.</summary>
    public static WebApplication Mute(string[] args, Action<WebApplicationBuilder>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        var app = builder.Build();
        app.Run(http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync("{}");
        });
        return app;
    }

    public async Task<WebApplication> RunAsync(string[] settings, string[] names, Func<string[], Action<WebApplicationBuilder>?, WebApplication> create)
    {
        var app = create(
            [
                "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Microsoft=None", "--Logging:LogLevel:System=None",
                $"--APP_API_TOKEN={StandInSidecar.AppToken}", $"--DataDirectory={FolderOf(names[^1])}",
                $"--DAPR_HTTP_ENDPOINT={Sidecar.HttpEndpoint}", $"--DAPR_GRPC_ENDPOINT={Sidecar.GrpcEndpoint}",
                .. settings,
            ],
            builder =>
            {
                builder.Services.AddSingleton<IJwksSource>(Tokens);
                if (time is not null) builder.Services.AddSingleton(time);
            });
        apps.Add(app);
        await app.StartAsync();
        foreach (var name in names) Sidecar.Apps[name] = new Uri(app.Urls.Single());
        return app;
    }

    public Task<ReserveItemsResult> ReserveAsync(string order, params StockLine[] lines) =>
        PostAsync<ReserveItems, ReserveItemsResult>("inventory-service", "internal/inventory/reserve", new(order, lines));

    public Task<ReleaseItemsResult> ReleaseAsync(string order) =>
        PostAsync<ReleaseItems, ReleaseItemsResult>("inventory-service", "internal/inventory/release", new(order, "test"));

    public Task<CommitItemsResult> CommitAsync(string order) =>
        PostAsync<CommitItems, CommitItemsResult>("inventory-service", "internal/inventory/commit", new(order));

    public Task<ChargeCardResult> ChargeAsync(string order, long cents = 100, string token = "tok_ok", CancellationToken cancellationToken = default) =>
        PostAsync<ChargeCard, ChargeCardResult>("payment-service", "internal/payments/charge", new(order, "user", Money.Euro(cents), token), cancellationToken);

    public Task<RefundChargeResult> RefundAsync(string order) =>
        PostAsync<RefundCharge, RefundChargeResult>("payment-service", "internal/payments/refund", new(order, "test"));

    public Task<CreateShipmentResult> ShipAsync(string order, Address? to = null) =>
        PostAsync<CreateShipment, CreateShipmentResult>("shipping-service", "internal/shipments/create", new(order, to ?? Quay));

    public Task<CancelShipmentResult> CancelShipmentAsync(string order) =>
        PostAsync<CancelShipment, CancelShipmentResult>("shipping-service", "internal/shipments/cancel", new(order, "test"));

    public Task<BankLedger> BankAsync() => GetAsync<BankLedger>("bank", "ledger/bank");

    public Task<CarrierLedger> CarrierAsync() => GetAsync<CarrierLedger>("carrier", "ledger/carrier");

    public async Task<IReadOnlyDictionary<string, StockBook>> StockAsync() =>
        (await PostAsync<object, InventoryBooks>("inventory-service", "internal/inventory/books", new())).Stock.ToDictionary(book => book.ProductId);

    public async Task<TResult> PostAsync<TCommand, TResult>(string app, string path, TCommand command, CancellationToken cancellationToken = default)
    {
        using var answer = await http.PostAsJsonAsync(Address(app, path), command, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<TResult>(cancellationToken))!;
    }

    public async Task<TResult> GetAsync<TResult>(string app, string path) => (await http.GetFromJsonAsync<TResult>(Address(app, path)))!;

    /// <summary>As the app's sidecar hands it on.</summary>
    public HttpRequestMessage Request(HttpMethod method, string app, string path)
    {
        var request = StrangersRequest(method, app, path);
        request.Headers.Add("dapr-api-token", StandInSidecar.AppToken);
        return request;
    }

    /// <summary>As somebody asks who has found the app's port.</summary>
    public HttpRequestMessage StrangersRequest(HttpMethod method, string app, string path) => new(method, new Uri(Sidecar.Apps[app], path));

    /// <summary>As a signed-in user, past the sidecar.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string app, string path, string user, string? role = null, string? key = null, object? body = null)
    {
        using var request = Request(method, app, path);
        request.Headers.Authorization = new("Bearer", Tokens.Mint(user, role));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = JsonContent.Create(body);
        return await http.SendAsync(request);
    }

    /// <summary>Delivers the data of an event as the sidecar does.</summary>
    public async Task<System.Net.HttpStatusCode> DeliverAsync(string app, string path, object data)
    {
        using var answer = await http.PostAsJsonAsync(Address(app, path), data);
        return answer.StatusCode;
    }

    public static async Task Until(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition()) await Task.Delay(20, deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        foreach (var app in Enumerable.Reverse(apps))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        await Sidecar.DisposeAsync();
        Tokens.Dispose();
        folder.Delete(recursive: true);
    }

    private Uri Address(string app, string path) => new($"{Sidecar.HttpEndpoint}/v1.0/invoke/{app}/method/{path}");
}
