using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Dapr;
using Dapr.Client;
using Microsoft.Extensions.Options;
using Quayside.Contracts.Users;

namespace Quayside.Notifications.Sending;

/// <summary>The output binding <c>email</c>: a file for each message by default, SMTP in production.</summary>
internal sealed partial class Mail(DaprClient dapr, IOptions<MailOptions> options, ILogger<Mail> logger)
{
    private const string From = "Quayside <shop@quayside.test>";

    // Dapr has no code for it: bindings.localstorage on Linux, on Windows and in this house, and a binding that keeps nothing, such as bindings.smtp.
    private static readonly string[] NothingThere =
        ["no such file", "cannot find the file", "file not found", "does not support operation delete"];

    public Task SendAsync(Notice notice, UserProfile to, CancellationToken cancellationToken) => dapr.InvokeBindingAsync(
        new BindingRequest("email", "create")
        {
            Data = Encoding.UTF8.GetBytes(options.Value.Format == MailFormat.Html ? Html(notice, to) : Message(notice, to)),
            Metadata =
            {
                ["fileName"] = FileName(notice.Id),
                ["emailTo"] = to.Email,
                ["subject"] = notice.Subject,
            },
        },
        cancellationToken);

    /// <summary>Takes back what the binding has kept of a mail. What has left the house by SMTP, and a file that is gone, cannot be: that is no failure.</summary>
    public async Task DropAsync(string noticeId, CancellationToken cancellationToken)
    {
        try
        {
            await dapr.InvokeBindingAsync(new BindingRequest("email", "delete") { Metadata = { ["fileName"] = FileName(noticeId) } }, cancellationToken);
        }
        catch (DaprException failure) when (failure.InnerException is { Message: var reason } && NothingThere.Any(text => reason.Contains(text, StringComparison.Ordinal)))
        {
            Log.NotDropped(logger, noticeId, reason);
        }
    }

    private static string FileName(string noticeId) => $"{noticeId}.eml";

    private static string Message(Notice notice, UserProfile to) => string.Create(CultureInfo.InvariantCulture, $"""
        Message-ID: <{notice.Id}@quayside.test>
        Date: {notice.At:r}
        From: {From}
        To: {OneLine(to.Email)}
        Subject: {OneLine(notice.Subject)}
        Content-Type: text/plain; charset=utf-8

        {Body(notice, to)}

        """);

    private static string Html(Notice notice, UserProfile to) => string.Concat(Body(notice, to).Split("\n\n").Select(paragraph =>
        $"<p>{string.Join("<br>\n", paragraph.Split('\n').Select(line => HtmlEncoder.Default.Encode(line)))}</p>\n"));

    private static string Body(Notice notice, UserProfile to) => $"Dear {OneLine(notice.Greeted ?? to.Name)},\n\n{notice.Text}";

    // A line break in a header would start another header.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "No mail {NoticeId} to take back: {Reason}")]
        public static partial void NotDropped(ILogger logger, string noticeId, string reason);
    }
}
