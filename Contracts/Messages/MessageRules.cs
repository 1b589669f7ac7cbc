namespace Contracts.Messages;

/// <summary>What is wrong with a message.</summary>
/// <param name="Field">Which member, such as <c>attachments[3]</c>.</param>
/// <param name="Rule">What it must be, as the rest of a sentence that begins with the member's name.</param>
/// <param name="Type">One of <see cref="ProblemTypes"/>.</param>
public sealed record MessageBreach(string Field, string Rule, string Type = ProblemTypes.InvalidRequest)
{
    /// <summary>The sentence.</summary>
    public string Detail => $"'{Field}' {Rule}";
}

/// <summary>
/// What a message must be. Chat asks before anything else is asked about it, dbman before it stores it, realtime before it publishes it.
/// </summary>
public static class MessageRules
{
    /// <summary>The first breach of a message's content, or null.</summary>
    public static MessageBreach? Check(string? text, IReadOnlyList<string>? attachments)
    {
        if (text is null || text.Length > Limits.MessageText)
        {
            return new("text", $"must be a text of at most {Limits.MessageText} characters.");
        }

        if (!PlainText.IsStorable(text))
        {
            return new("text", "must be valid Unicode without NUL.");
        }

        if (attachments is not { Count: > 0 })
        {
            return string.IsNullOrWhiteSpace(text) ? new("text", "must not be empty without attachments.") : null;
        }

        if (attachments.Count > Limits.MessageAttachments)
        {
            return new("attachments", $"must be at most {Limits.MessageAttachments}.");
        }

        for (var i = 0; i < attachments.Count; i++)
        {
            if (!Ids.IsValid(attachments[i]))
            {
                return OfId($"attachments[{i}]");
            }

            if (attachments.Take(i).Contains(attachments[i]))
            {
                return new($"attachments[{i}]", "is there twice.");
            }
        }

        return null;
    }

    /// <summary>The first breach of a stored message, or null.</summary>
    public static MessageBreach? Check(MessageRecord message) =>
        CheckIds(message.Tenant, message.Room, message.Id, message.Sender)
        ?? (message.Seq < 1 ? new MessageBreach("seq", "must be 1 or more.") : null)
        ?? Check(message.Text, message.Attachments);

    /// <summary>The first breach of a message that is to be stored, or null.</summary>
    public static MessageBreach? Check(AppendItem item) =>
        CheckIds(item.Tenant, item.Room, item.Id, item.Sender) ?? Check(item.Text, item.Attachments);

    private static MessageBreach? CheckIds(string tenant, string room, string id, string sender) =>
        !Ids.IsValid(tenant) ? OfId("tenant")
        : !Ids.IsValid(room) ? OfId("room")
        : !Ids.IsValid(id) ? OfId("id")
        : !Ids.IsValid(sender) ? OfId("sender")
        : null;

    private static MessageBreach OfId(string field) => new(field, $"must be {Ids.Rule}.", ProblemTypes.InvalidId);
}
