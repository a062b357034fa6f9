using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quayside.OpenApi;
using Quayside.Gateway;
using Quayside.Gateway.Routing;
using Quayside.Identity;
using Quayside.Inventory;
using Quayside.Notifications;
using Quayside.Orders;
using Quayside.Payments;
using Quayside.Shipping;
using Quayside.Users;
using Quayside.Workflows;

namespace Quayside.Services.Tests.Gateway;

/// <summary>The document, the route table and the routes of the services as they are built say the same, each way round.</summary>
public sealed partial class OpenApiTests : IAsyncLifetime
{
    private static readonly ApiDocument Document = ApiDocument.Read();
    private readonly Dictionary<string, WebApplication> services = [];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("quayside-openapi-");

    public ValueTask InitializeAsync()
    {
        string[] args = ["--urls=http://127.0.0.1:0", "--APP_API_TOKEN=app-token", $"--DataDirectory={folder.FullName}"];
        services["gateway"] = GatewayApp.Build(args);
        services["auth-service"] = IdentityApp.Build(args);
        services["user-service"] = UsersApp.Build(args);
        services["order-service"] = OrdersApp.Create(args);
        services["inventory-service"] = InventoryApp.Create(args);
        services["payment-service"] = PaymentsApp.Create(args);
        services["shipping-service"] = ShippingApp.Create(args);
        services["notification-service"] = NotificationsApp.Create(args);
        services["workflows"] = WorkflowsApp.Create(args);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in services.Values)
            await service.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private GatewayOptions Options => services["gateway"].Services.GetRequiredService<GatewayOptions>();

    [Fact]
    public void Every_public_operation_of_the_services_is_in_the_document_and_no_other()
    {
        var offered = services.SelectMany(service => Endpoints(service.Key).Where(route => service.Key == "gateway" || route.Path.StartsWith("/api/", StringComparison.Ordinal))
            .Select(route => $"{route.Method} {Nameless(route.Path)}")).Where(operation => !operation.EndsWith(" /api/{}", StringComparison.Ordinal));
        var documented = Documented().Select(operation => $"{operation.Operation.Method} {Nameless(operation.Path)}");
        Assert.Equal(offered.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_route_table_leads_each_operation_to_the_service_that_has_it_and_asks_for_what_service_and_document_ask()
    {
        var table = new RouteTable(Options);
        var used = new HashSet<RouteLine>();
        foreach (var (operation, path) in Documented().Where(one => one.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var found = table.Find(operation.Method, Parameter().Replace(path, "7"));
            Assert.True(found is not null, $"no route leads to {operation.Method} {path}");
            used.Add(found.Value.Route);
            var endpoint = Endpoints(found.Value.App).Single(route => route.Method == operation.Method && Nameless(route.Path) == Nameless(path));
            Assert.Equal((path, operation.Access, operation.Access), (path, found.Value.Route.Access.ToString().ToLowerInvariant(), endpoint.Access));
        }
        // writing to the catalogue is left for the day when somebody may
        Assert.Equal(["/api/products"], Options.Routes.Except(used).Select(route => route.Prefix));
    }

    [Fact]
    public void What_is_not_public_is_for_the_sidecar_only()
    {
        foreach (var (service, route) in services.Keys.Where(id => id != "gateway").SelectMany(id => Endpoints(id).Select(route => (id, route))))
        {
            if (route.Path.StartsWith("/api/", StringComparison.Ordinal) || route.Path is "/healthz/live" or "/healthz/ready" or "/.well-known/jwks.json")
                continue;
            Assert.True(route.Access == "Dapr", $"{service}: {route.Method} {route.Path} lets {route.Access} in");
        }
    }

    [Fact]
    public void The_requests_file_shows_every_operation_and_no_other_and_its_bodies_are_as_the_document_says()
    {
        var shown = new HashSet<string>();
        foreach (var request in HttpFile.Read().Requests)
        {
            var path = HttpFile.Fill(request.Target, name => name == "gateway" ? "" : "7").Split('?')[0];
            // the Location of a registration is a whole path
            path = request.Target == "{{gateway}}{{register.response.headers.Location}}" ? "/api/registrations/7" : path;
            var operation = Document.Find(request.Method, path);
            Assert.True(operation is not null, $"{request.Method} {request.Target} is not in the document");
            Assert.Null(Document.JudgeRequest(operation, HttpFile.Fill(request.Body, _ => "0123456789")));
            shown.Add(operation.ToString());
        }
        Assert.Equal(Document.Operations.Select(operation => operation.ToString()).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    /// <summary>The operations of the document, those on parked events once for each app that parks.</summary>
    private IEnumerable<(ApiDocument.Operation Operation, string Path)> Documented() => Document.Operations.SelectMany(operation =>
        operation.Path.Contains("{app}", StringComparison.Ordinal)
            ? Options.ParkedApps.Select(app => (operation, operation.Path.Replace("{app}", app, StringComparison.Ordinal)))
            : [(operation, operation.Path)]);

    private IEnumerable<(string Method, string Path, string Access)> Endpoints(string service) =>
        ((IEndpointRouteBuilder)services[service]).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().SelectMany(endpoint =>
        {
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? (endpoint.RoutePattern.RawText!.StartsWith("/healthz", StringComparison.Ordinal) ? ["GET"] : ["*"]);
            var rules = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
            var access = rules.Count == 0 || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "anonymous" : rules.Select(rule => rule.Policy).OfType<string>().FirstOrDefault() ?? "user";
            return methods.Select(method => (method, $"/{endpoint.RoutePattern.RawText!.Trim('/')}", access));
        });

    private static string Nameless(string path) => Parameter().Replace(path, "{}");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
