using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Credentials;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Bench.TokenLoad;

internal static class Costs
{
    private const int Rounds = 20;
    private static readonly TokenValidationParameters Unused = new();

    public static async Task RunAsync(int count, int hashes)
    {
        using var issuer = new Issuer();
        var validator = new AccessTokenValidator(new SigningKeys(issuer, TimeProvider.System, NullLogger<SigningKeys>.Instance), TimeProvider.System);
        var tokens = Enumerable.Range(0, count).Select(_ => issuer.Mint()).ToArray();
        var unknown = Enumerable.Range(0, count).Select(i => issuer.Mint($"made-up-{i}")).ToArray();

        List<double> first = [], known = [], refused = [];
        foreach (var token in tokens) first.Add(await TimeAsync(token, expected: true));
        for (var round = 0; round < Rounds; round++)
            foreach (var token in tokens) known.Add(await TimeAsync(token, expected: true));
        foreach (var token in unknown) refused.Add(await TimeAsync(token, expected: false));
        Tell("a token for the first time", first);
        Tell("a token from memory", known);
        Tell("an unknown kid", refused);

        using var passwords = new PasswordCheck(Options.Create(new PasswordOptions()));
        passwords.WarmUp();
        List<double> hashed = [];
        for (var i = 0; i < hashes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            passwords.Hash("a-password-to-hash");
            hashed.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        Tell("a password", hashed);

        async Task<double> TimeAsync(string token, bool expected)
        {
            var start = Stopwatch.GetTimestamp();
            var result = await validator.ValidateTokenAsync(token, Unused);
            var took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            return result.IsValid == expected ? took : throw new InvalidOperationException($"A token was judged {result.IsValid}.");
        }
    }

    private static void Tell(string what, List<double> microseconds)
    {
        microseconds.Sort();
        Console.WriteLine($"{what}: p50 {microseconds[microseconds.Count / 2]:0.00} µs, p99 {microseconds[(int)(microseconds.Count * 0.99)]:0.00} µs, of {microseconds.Count:n0}");
    }
}
