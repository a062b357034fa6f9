namespace Quayside.Notifications.Sending;

/// <summary>Section <c>Mail</c> of the configuration.</summary>
internal sealed class MailOptions
{
    /// <summary>What the binding behind <c>email</c> makes of its data.</summary>
    public MailFormat Format { get; set; } = MailFormat.Message;
}

internal enum MailFormat
{
    /// <summary>It keeps them as they are: a whole message with its headers, in plain text.</summary>
    Message,

    /// <summary>It writes the headers itself and sends the data as text/html, as bindings.smtp does.</summary>
    Html,
}
