using System.Text;
using Contracts.Messages;
using Realtime.Wire;

namespace Tests.Realtime;

public sealed class EnvelopeTests
{
    private static readonly MessageRecord Message =
        new("acme", "lobby", 7, "m7", "ann", "hello", DateTimeOffset.UnixEpoch);

    [Fact]
    public void SignalComesBackWhole()
    {
        var bytes = Frames.Envelope("lobby", "s1", "ann", "bob", "c1", """{"a":1}"""u8, 42, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(bytes, out var envelope));
        Assert.Equal(
            (ChannelKind.Signal, 0L, 42L, "s1", "bob", "c1", null),
            (envelope.Kind, envelope.Seq, envelope.PublishedAt, envelope.Id, envelope.User, envelope.Connection, envelope.Event));
        Assert.EndsWith("""{"type":"signal","room":"lobby","id":"s1","sender":"ann","to":"bob","data":{"a":1}}""", Encoding.UTF8.GetString(envelope.Frame), StringComparison.Ordinal);
    }

    [Fact]
    public void TraceTravelsWithAMessage()
    {
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(Envelopes.Of(Message, 1, "00-trace"), out var envelope));
        Assert.Equal("00-trace", envelope.TraceParent);
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(Envelopes.Of(Message, 1, null), out envelope));
        Assert.Null(envelope.TraceParent);
    }

    [Fact]
    public void LongerHeaderOfANewerPublisherIsSkipped()
    {
        var bytes = Envelopes.Of(Message, 1, null).ToList();
        var header = bytes[2];
        bytes.InsertRange(header, [9, 9, 9]);
        bytes[2] = (byte)(header + 3);
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode([.. bytes], out var envelope));
        Assert.Equal(Frames.Frame(Message).Bytes, envelope.Frame.AsSpan());
    }

    [Fact]
    public void UnknownVersionAndKindAreTold()
    {
        var bytes = Envelopes.Of(Message, 1, null);
        bytes[0] = 2;
        Assert.Equal(DecodeStatus.UnknownVersion, Envelope.TryDecode(bytes, out _));
        bytes[0] = 1;
        bytes[1] = 200;
        Assert.Equal(DecodeStatus.UnknownKind, Envelope.TryDecode(bytes, out _));
        Assert.Equal(DecodeStatus.Malformed, Envelope.TryDecode(null, out _));
    }

    [Fact]
    public void GarbageNeverThrows_AndWhatPassesIsOneWholeFrame()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        byte[][] samples = [Envelopes.Of(Message, 1, "00-x"), Frames.Envelope("r", "s", "u", null, "c", "1"u8, 1, null), new byte[60]];
        for (var run = 0; run < 200_000; run++)
        {
            var bytes = (byte[])samples[random.Next(samples.Length)].Clone();
            for (var changes = random.Next(6); changes > 0; changes--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 48))] = (byte)random.Next(256);
            }

            if (random.Next(3) == 0)
            {
                bytes = bytes[..random.Next(bytes.Length + 1)];
            }

            if (Envelope.TryDecode(bytes, out var envelope) == DecodeStatus.Ok && envelope.Kind != ChannelKind.Control)
            {
                Assert.True(Framing.IsWholeTextFrame(envelope.Frame), $"seed {seed}, run {run}");
            }
        }
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    public void HeaderHasTheLengthThatTheProtocolSays(int payload, int header)
    {
        var frame = Framing.TextFrame(new byte[payload]);
        Assert.Equal(header + payload, frame.Length);
        Assert.Equal(payload <= WireFrame.MaxLength, Framing.IsWholeTextFrame(frame.Bytes));
    }
}
