using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;
using Quayside.Contracts.Users;
using Quayside.Inventory;
using Quayside.Outside;
using Quayside.Payments;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.Orders;
using Quayside.Services.Tests.Participants;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Shipping;
using Quayside.Workflows;

namespace Quayside.Services.Tests.Sagas;

/// <summary>Everybody an order meets, as shipped and on real sockets: Orders, the participants, bank and carrier, and the activities of the workflows app.</summary>
public sealed class SagaHouse : IAsyncLifetime
{
    public const string Product = "p-03";
    public const long Price = 45_50;

    /// <summary>Of each product: more than all tests ship, less than one order can ask for.</summary>
    public const int Stock = 999;

    public const int ApprovalOverQuantity = 100;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("quayside-saga-");
    private House house = null!;
    private WebApplication workflows = null!;
    private int orders;

    internal StandInSidecar Sidecar => house.Sidecar;

    internal IServiceProvider Workflows => workflows.Services;

    /// <summary>The clock of bank and carrier.</summary>
    internal ManualTime OutsideTime { get; } = new();

    internal string NewDatabase() => Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.db");

    public async ValueTask InitializeAsync()
    {
        house = await House.EmptyAsync();
        string[] settings = [$"--Inventory:InitialStock={Stock}", $"--Orders:ApprovalLimit={ApprovalOverQuantity * Price}", "--Orders:Shards=1"];
        await house.RunAsync(settings, ["bank", "carrier", "outside"], (args, configure) => OutsideApp.Create(args, builder =>
        {
            configure!(builder);
            builder.Services.AddSingleton<TimeProvider>(OutsideTime);
        }));
        await house.RunAsync(settings, ["payment-service"], PaymentsApp.Create);
        await house.RunAsync(settings, ["shipping-service"], ShippingApp.Create);
        await house.RunAsync(settings, ["inventory-service"], InventoryApp.Create);
        await house.RunAsync(settings, ["user-service"], EverybodyExists);
        await house.RunAsync(settings, ["order-service"], TestOrders.Create);
        workflows = WorkflowsApp.Create(
            ["--Logging:LogLevel:Default=None", $"--DAPR_HTTP_ENDPOINT={Sidecar.HttpEndpoint}", $"--DAPR_GRPC_ENDPOINT={Sidecar.GrpcEndpoint}"],
            builder => builder.Services.AddSingleton<IJwksSource>(house.Tokens));
        await House.Until(async () => (await house.PostAsync<PriceProducts, ProductPrices>("inventory-service", "internal/products/prices", new([Product]))).Products.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await workflows.DisposeAsync();
        await house.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>As a customer; returns the order's id.</summary>
    internal async Task<string> PlaceAsync(int quantity, string token, string postcode)
    {
        using var http = Customer();
        var body = JsonSerializer.Serialize(new
        {
            items = new[] { new { productId = Product, quantity } },
            payment = new { token },
            shipTo = new { name = "Ada", street = "Pier 4", city = "Harbour", postcode, country = "DE" },
        });
        return await http.PlacedAsync($"key-{Interlocked.Increment(ref orders)}", body);
    }

    /// <summary>The customer asks to cancel; whether the order took it.</summary>
    internal async Task<bool> CancelAsync(string orderId)
    {
        using var http = Customer();
        using var answer = await http.DeleteAsync(new Uri($"/api/orders/{orderId}", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    /// <summary>As if the order had never been placed.</summary>
    internal async Task LoseAsync(string orderId)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(house.FolderOf("order-service"), "orders-0.db"), Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var lose = connection.CreateCommand();
        lose.CommandText = "DELETE FROM events WHERE aggregate_id = $order; DELETE FROM order_views WHERE order_id = $order;";
        lose.Parameters.AddWithValue("$order", orderId);
        await lose.ExecuteNonQueryAsync();
    }

    internal async Task DecideAsync(string orderId, bool approved)
    {
        var decided = approved
            ? await OrdersAsync<ApproveOrder, OrderCommandResult>("approve", new(orderId, "decided", "admin"))
            : await OrdersAsync<RejectOrder, OrderCommandResult>("reject", new(orderId, "decided", "admin"));
        Assert.Equal(OrderOutcome.Done, decided.Result);
    }

    internal async Task<OrderForSaga> OrderAsync(string orderId) => (await OrdersAsync<AskOrder, AskOrderResult>("ask", new(orderId))).Order!;

    internal Task<TResult> OrdersAsync<TCommand, TResult>(string path, TCommand command) => house.PostAsync<TCommand, TResult>("order-service", $"internal/orders/{path}", command);

    /// <summary>Minor units that the bank holds for the order.</summary>
    internal async Task<long> HeldAsync(string orderId)
    {
        var entry = await house.PostAsync<BankInquiry, BankInquiryResult>("bank", "charges/inquire", new(orderId));
        return entry.State is BankEntryState.Captured ? entry.Amount!.Amount : 0;
    }

    internal async Task<CarrierEntryState> ParcelAsync(string orderId) =>
        (await house.PostAsync<CarrierInquiry, CarrierInquiryResult>("carrier", "shipments/inquire", new(orderId))).State;

    internal async Task<StockBook> StockAsync() => (await house.StockAsync())[Product];

    private HttpClient Customer()
    {
        var http = new HttpClient { BaseAddress = Sidecar.Apps["order-service"] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", house.Tokens.Mint("10000000-0000-4000-8000-00000000000a"));
        http.DefaultRequestHeaders.Add("dapr-api-token", StandInSidecar.AppToken);
        return http;
    }

    private static WebApplication EverybodyExists(string[] args, Action<WebApplicationBuilder>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapPost("/internal/users/exists", () => new CheckUserResult(true));
        return app;
    }
}
