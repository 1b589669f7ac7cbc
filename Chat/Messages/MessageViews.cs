using Contracts.Messages;
using Contracts.Public;

namespace Chat.Messages;

internal static class MessageViews
{
    public static MessageView ToView(this MessageRecord message) =>
        new(message.Room, message.Seq, message.Id, message.Sender, message.Text, message.SentAt, message.Attachments);

    public static MessagePage ToPage(this HistoryResponse history) =>
        new([.. history.Messages.Select(static message => message.ToView())], history.LastSeq);
}
