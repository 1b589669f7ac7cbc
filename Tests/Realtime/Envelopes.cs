using Contracts.Messages;
using Realtime.Wire;

namespace Tests.Realtime;

/// <summary>What a publisher hands to the broker.</summary>
internal static class Envelopes
{
    [ThreadStatic]
    private static BundleWriter? _writer;

    /// <summary>One message.</summary>
    public static byte[] Of(MessageRecord message, long publishedAt, string? traceParent)
    {
        var writer = _writer ??= new BundleWriter();
        Assert.True(writer.TryAdd(message));
        return writer.Take(epoch: 0, publishedAt, traceParent);
    }
}
