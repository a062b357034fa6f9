using System.Globalization;
using System.Text;
using Dapr.Client;
using Quayside.Contracts.Users;

namespace Quayside.Notifications.Sending;

/// <summary>The output binding <c>email</c>: a file for each message by default, SMTP in production.</summary>
internal sealed class Mail(DaprClient dapr)
{
    private const string From = "Quayside <shop@quayside.test>";

    public Task SendAsync(Notice notice, UserProfile to, CancellationToken cancellationToken) => dapr.InvokeBindingAsync(
        new BindingRequest("email", "create")
        {
            Data = Encoding.UTF8.GetBytes(Write(notice, to)),
            Metadata =
            {
                ["fileName"] = $"{notice.Id}.eml",
                ["emailTo"] = to.Email,
                ["subject"] = notice.Subject,
            },
        },
        cancellationToken);

    private static string Write(Notice notice, UserProfile to) => string.Create(CultureInfo.InvariantCulture, $"""
        Message-ID: <{notice.Id}@quayside.test>
        Date: {notice.At:r}
        From: {From}
        To: {OneLine(to.Email)}
        Subject: {OneLine(notice.Subject)}
        Content-Type: text/plain; charset=utf-8

        Dear {OneLine(to.Name)},

        {notice.Text}

        """);

    // A line break in a header would start another header.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
