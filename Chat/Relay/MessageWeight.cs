using Contracts.Messages;

namespace Chat.Relay;

/// <summary>An upper bound of a message's bytes on the wire, so that a publish call stays below what Realtime accepts.</summary>
internal static class MessageWeight
{
    /// <summary>Ids, time, member names, and as many attachments as there may be.</summary>
    private const int Overhead = 2_048;

    /// <summary>A UTF-16 character that JSON escapes: \uXXXX.</summary>
    private const int BytesPerCharacter = 6;

    public static long Of(MessageRecord message) => Overhead + ((long)message.Text.Length * BytesPerCharacter);

    /// <summary>Cuts a list into calls: in order, each of at most so many bytes or of one message.</summary>
    public static IEnumerable<List<MessageRecord>> Cut(IReadOnlyList<MessageRecord> messages, long maxBytes)
    {
        List<MessageRecord> call = [];
        var bytes = 0L;
        foreach (var message in messages)
        {
            var weight = Of(message);
            if (call.Count > 0 && bytes + weight > maxBytes)
            {
                yield return call;
                (call, bytes) = ([], 0);
            }

            call.Add(message);
            bytes += weight;
        }

        if (call.Count > 0)
        {
            yield return call;
        }
    }
}
