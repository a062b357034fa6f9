using Quayside.Contracts.Users;

namespace Quayside.Gateway.Pages;

/// <summary>GET /: what there is and how to begin.</summary>
internal static class Welcome
{
    private const string Text = """
        Quayside

          POST   {0}/api/users                          {{"email","name","password"}}: register; Location says where to look
          POST   {0}/api/auth/login                     {{"email","password"}}
          POST   {0}/api/auth/refresh, /validate, /logout
          GET    {0}/api/products, /api/products/{{id}}   no login needed
          POST   {0}/api/orders                         header Idempotency-Key
          GET    {0}/api/orders, /api/orders/{{id}}, /api/orders/{{id}}/events, /api/orders/{{id}}/stream
          DELETE {0}/api/orders/{{id}}
          GET    {0}/api/notifications
          GET    {0}/api/users/{{id}}
          GET    {0}/api/admin/books, /stock, /sagas, /shards, /parked/{{app}}   role admin
          POST   {0}/api/admin/sagas/{{orderId}}/approve, /reject   role admin, header Idempotency-Key
          GET    {0}/healthz, /openapi/v1.json

        """;

    private const string Development = """
        Demo user: demo@quayside.test / demo-pass-1234      Admin: admin@quayside.test / admin-pass-1234

        Begin with:
          curl -s {0}/api/auth/login -H 'content-type: application/json' -d '{{"email":"demo@quayside.test","password":"demo-pass-1234"}}'

        """;

    public static void MapWelcome(this WebApplication app)
    {
        var format = System.Text.CompositeFormat.Parse(SeedUsers.AreForDevelopment(app.Configuration["Seed:Users"]) ? Text + Development : Text);
        app.MapGet("/", (HttpRequest request) => TypedResults.Text(string.Format(null, format, $"{request.Scheme}://{request.Host}"), "text/plain"));
    }
}
