using Contracts;
using Contracts.Messages;
using Realtime.Wire;

namespace Tests.Realtime;

/// <summary>Several messages as one event on the broker.</summary>
public sealed class BundleTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void MessagesComeOutAsIfEachHadComeForItself()
    {
        var messages = Messages(Bundle.MaxMessages);
        var bytes = Write(messages);
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(bytes, out var bundle));
        Assert.Equal((ChannelKind.Bundle, 5U, (long)messages.Length, 42L, Trace), (bundle.Kind, bundle.Epoch, bundle.Seq, bundle.PublishedAt, bundle.TraceParent));
        var read = Read(bundle);
        Assert.Equal(messages.Select(static message => message.Seq), read.Select(static message => message.Seq));
        Assert.All(read.Zip(messages), pair =>
        {
            Assert.Equal((ChannelKind.Message, 5U, 42L, Trace), (pair.First.Kind, pair.First.Epoch, pair.First.PublishedAt, pair.First.TraceParent));
            Assert.Equal(Frames.Frame(pair.Second).Bytes, pair.First.Frame.AsSpan());
            Assert.Same(bytes, pair.First.Frame.Array);
        });
    }

    [Fact]
    public void OneMessageIsNoBundle()
    {
        var message = Messages(1)[0];
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(Write(message), out var envelope));
        Assert.Equal((ChannelKind.Message, 5U, 1L, 42L, Trace), (envelope.Kind, envelope.Epoch, envelope.Seq, envelope.PublishedAt, envelope.TraceParent));
        Assert.Equal(Frames.Frame(message).Bytes, envelope.Frame.AsSpan());
    }

    [Fact]
    public void ABundleIsBounded_ByMessagesAndByBytes()
    {
        var writer = new BundleWriter();
        Assert.All(Messages(Bundle.MaxMessages), message => Assert.True(writer.TryAdd(message)));
        Assert.False(writer.TryAdd(Messages(1)[0]));
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(writer.Take(5, 42, null), out _));

        // Every character is escaped: the longest frames that there are.
        var longest = new MessageRecord("acme", "lobby", 7, "m7", "ann", new string('\u0001', Limits.MessageText), DateTimeOffset.UnixEpoch);
        var added = 0;
        while (writer.TryAdd(longest with { Seq = added + 1 }))
        {
            added++;
        }

        Assert.InRange(added, 2, Bundle.MaxMessages - 1);
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(writer.Take(5, 42, null), out var bundle));
        Assert.Equal(added, Read(bundle).Count);
        Assert.Equal(0, writer.Count);
    }

    [Fact]
    public void ABundleThatIsCutOrHasSomethingBehindIt_IsMalformed()
    {
        var bytes = Write(Messages(3));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(DecodeStatus.Malformed, Envelope.TryDecode(bytes[..length], out _));
        }

        Assert.Equal(DecodeStatus.Malformed, Envelope.TryDecode([.. bytes, 0], out _));
        Assert.Equal(DecodeStatus.Malformed, Envelope.TryDecode([.. bytes, .. bytes], out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(Bundle.MaxMessages + 1)]
    public void ABundleOfAnotherNumberThanItSays_IsMalformed(long count)
    {
        var bytes = Write(Messages(3));
        BitConverter.TryWriteBytes(bytes.AsSpan(8), count);
        Assert.Equal(DecodeStatus.Malformed, Envelope.TryDecode(bytes, out _));
    }

    [Fact]
    public void ABundleThatIsTooLong_IsMalformed()
    {
        // Whole entries: twice what a publisher writes.
        var large = new MessageRecord("acme", "lobby", 1, "m1", "ann", new string('x', 60_000), DateTimeOffset.UnixEpoch);
        var two = Write(large, large)[Header..];
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(Envelope.EncodeFramed(Of(2), two), out _));
        Assert.Equal(DecodeStatus.Malformed, Envelope.TryDecode(Envelope.EncodeFramed(Of(4), [.. two, .. two]), out _));

        static Envelope Of(long count) => new(ChannelKind.Bundle, 5, count, 42, null, null, null, null, null, default);
    }

    [Fact]
    public void GarbageNeverThrows_AndWhatPassesIsWhole()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        var sample = Write(Messages(4));
        var passed = 0;
        for (var run = 0; run < 200_000; run++)
        {
            var bytes = (byte[])sample.Clone();
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (random.Next(3) == 0)
            {
                bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            if (Envelope.TryDecode(bytes, out var bundle) == DecodeStatus.Ok && bundle.Kind == ChannelKind.Bundle)
            {
                passed++;
                Assert.Equal(bundle.Seq, Read(bundle).Count);
                Assert.All(Read(bundle), message => Assert.True(message.Seq > 0 && Framing.IsWholeTextFrame(message.Frame), $"seed {seed}, run {run}"));
            }
        }

        Assert.True(passed > 0);
    }

    /// <summary>Length of a header without names.</summary>
    private const int Header = 29;

    private static MessageRecord[] Messages(int count) =>
    [
        .. Enumerable.Range(1, count).Select(static seq =>
            new MessageRecord("acme", "lobby", seq, $"m{seq}", "ann", $"hello {new string('ä', seq)}", DateTimeOffset.UnixEpoch)),
    ];

    private static byte[] Write(params MessageRecord[] messages)
    {
        var writer = new BundleWriter();
        Assert.All(messages, message => Assert.True(writer.TryAdd(message)));
        return writer.Take(5, 42, messages.Length > 0 && messages[0].Text.Length < 1_000 ? Trace : null);
    }

    private static List<Envelope> Read(in Envelope bundle)
    {
        var read = new List<Envelope>();
        foreach (var message in Bundle.Of(bundle))
        {
            read.Add(message);
        }

        return read;
    }
}
