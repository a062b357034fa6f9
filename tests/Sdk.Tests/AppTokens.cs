using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LocalDapr.Sdk.Tests;

public class AppTokens
{
    [Theory]
    [InlineData("right", "right", HttpStatusCode.OK)]
    [InlineData("right", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("right", null, HttpStatusCode.Unauthorized)]
    [InlineData("", "", HttpStatusCode.Unauthorized)]
    public async Task Only_the_sidecars_token_opens_the_policy(string expected, string? sent, HttpStatusCode status)
    {
        await using var app = await WebApp.StartAsync(
            app => app.MapGet("/", (ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization("Dapr"),
            builder =>
            {
                builder.Services.AddAuthentication().AddDapr(o => o.Token = expected);
                builder.Services.AddAuthorization(o => o.AddDapr());
            });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (sent is not null)
            request.Headers.TryAddWithoutValidation("dapr-api-token", sent);

        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.OK)
            Assert.Equal("Dapr", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
