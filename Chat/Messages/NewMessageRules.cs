using Contracts;
using Contracts.Public;
using ServiceDefaults.Errors;
using ServiceDefaults.Requests;

namespace Chat.Messages;

/// <summary>What a message must be before anything is asked about it.</summary>
internal static class NewMessageRules
{
    /// <summary>Null when it is all right.</summary>
    public static ProblemResult? Check(NewMessage message)
    {
        if (message.Id is not null && !Ids.IsValid(message.Id))
        {
            return Problems.InvalidId("id");
        }

        if (message.Text.Length > Limits.MessageText)
        {
            return Problems.InvalidRequest($"'text' must be at most {Limits.MessageText} characters.", "text");
        }

        if (!PlainText.IsStorable(message.Text))
        {
            return Problems.InvalidRequest("'text' must be valid Unicode without NUL.", "text");
        }

        var attachments = message.Attachments ?? [];
        if (string.IsNullOrWhiteSpace(message.Text) && attachments.Count == 0)
        {
            return Problems.InvalidRequest("'text' must not be empty without attachments.", "text");
        }

        return CheckAttachments(attachments);
    }

    private static ProblemResult? CheckAttachments(IReadOnlyList<string> attachments)
    {
        if (attachments.Count > Limits.MessageAttachments)
        {
            return Problems.InvalidRequest($"'attachments' must be at most {Limits.MessageAttachments}.", "attachments");
        }

        for (var i = 0; i < attachments.Count; i++)
        {
            if (!Ids.IsValid(attachments[i]))
            {
                return Problems.InvalidId($"attachments[{i}]");
            }

            if (attachments.Take(i).Contains(attachments[i]))
            {
                return Problems.InvalidRequest($"'attachments[{i}]' is there twice.", $"attachments[{i}]");
            }
        }

        return null;
    }
}
