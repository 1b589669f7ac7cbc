using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Contracts.Files;
using Fileman.Pictures;
using Fileman.Types;
using Fileman.Uploads;

namespace Tests.Fileman.Pictures;

public sealed class PictureWalkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(TestPictures.Formats), MemberType = typeof(TestPictures))]
    public async Task PlaceIsTakenOut_PixelsAndDirectionStay_HoweverItComesInPieces(string type, string ending)
    {
        var picture = TestPictures.Tagged(ending);
        Assert.Contains(TestPictures.Secret, Encoding.Latin1.GetString(picture), StringComparison.Ordinal);
        byte[]? first = null;
        foreach (var piece in (int[])[1, 7, 1_000, int.MaxValue])
        {
            var (found, stored) = await WalkAsync(type, picture, piece);
            Assert.Equal(new PictureInfo(300, 200, Animated: false), found);
            Assert.Equal(first ?? stored, stored);
            first = stored;
        }

        Assert.DoesNotContain(TestPictures.Secret, Encoding.Latin1.GetString(first!), StringComparison.Ordinal);
        Assert.DoesNotContain(TestPictures.FieldsOf(first!), field => field.StartsWith("exif-ifd3", StringComparison.Ordinal) || (field is "xmp-data" && ending != ".avif") || field.Contains("Artist", StringComparison.Ordinal));
        Assert.Equal(TestPictures.OrientationOf(picture), TestPictures.OrientationOf(first!));
        Assert.Equal(TestPictures.PixelsOf(picture), TestPictures.PixelsOf(first!));
    }

    [Theory]
    [InlineData("image/gif", ".gif")]
    [InlineData("image/webp", ".webp")]
    public async Task MovingPictureStillMoves(string type, string ending)
    {
        var picture = TestPictures.Moving(ending);
        var (found, stored) = await WalkAsync(type, picture, 100);
        Assert.Equal(new PictureInfo(60, 40, Animated: true), found);
        Assert.Equal(TestPictures.PixelsOf(picture, all: true), TestPictures.PixelsOf(stored, all: true));
        Assert.True(TestPictures.PixelsOf(stored, all: true).Length >= 60 * 120 * 3);
    }

    [Fact]
    public async Task WhatFollowsAPictureIsDropped()
    {
        foreach (var (type, ending) in ((string, string)[])[("image/jpeg", ".jpg"), ("image/png", ".png"), ("image/gif", ".gif"), ("image/webp", ".webp")])
        {
            var picture = TestPictures.Simple(ending);
            var (found, stored) = await WalkAsync(type, [.. picture, .. Encoding.ASCII.GetBytes(TestPictures.Secret)], 1_000);
            Assert.NotNull(found);
            Assert.DoesNotContain(TestPictures.Secret, Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task CommentsOfAGifAreDropped()
    {
        var picture = TestPictures.Simple(".gif");
        var colours = (picture[10] & 0x80) == 0 ? 0 : 3 << ((picture[10] & 7) + 1);
        byte[] comment = [0x21, 0xFE, (byte)TestPictures.Secret.Length, .. Encoding.ASCII.GetBytes(TestPictures.Secret), 0];
        var (_, stored) = await WalkAsync("image/gif", [.. picture[..(13 + colours)], .. comment, .. picture[(13 + colours)..]], 50);
        Assert.DoesNotContain(TestPictures.Secret, Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        Assert.Equal(TestPictures.PixelsOf(picture), TestPictures.PixelsOf(stored));
    }

    [Fact]
    public async Task SizeIsTheLargestThatIsNamed_AndBmpHasOneToo()
    {
        Assert.Equal(new PictureInfo(20_000, 20_000, Animated: false), (await WalkAsync("image/png", TestPictures.Bomb(20_000, 20_000)[..100], 10)).Found);

        // A small canvas, and a frame that is not.
        byte[] gif = [.. "GIF89a"u8, 1, 0, 1, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 0x50, 0xC3, 0x50, 0xC3, 0, 2, 0, 0x3B];
        Assert.Equal(new PictureInfo(50_000, 50_000, Animated: false), (await WalkAsync("image/gif", gif, 3)).Found);
        byte[] bmp = [.. "BM"u8, .. new byte[12], 40, 0, 0, 0, 100, 0, 0, 0, 0xCE, 0xFF, 0xFF, 0xFF, .. new byte[100]];
        var (found, stored) = await WalkAsync("image/bmp", bmp, 5);
        Assert.Equal(new PictureInfo(100, 50, Animated: false), found);
        Assert.Equal(bmp, stored);
    }

    [Theory]
    [InlineData("image/png", new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0 })]
    [InlineData("image/jpeg", new byte[] { 0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 5 })]
    [InlineData("image/gif", new byte[] { 0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x3B })]
    [InlineData("image/webp", new byte[] { 0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50 })]
    [InlineData("image/avif", new byte[] { 0, 0, 0, 16, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66, 0, 0, 0, 0, 0, 0, 0, 2 })]
    public async Task ThereIsNoSize_WhenItIsCutOffOrWrong(string type, byte[] bytes) => Assert.Null((await WalkAsync(type, bytes, 3)).Found);

    /// <summary>For any input: no exception, no endless loop, and never more stored than was sent, but for the orientation.</summary>
    [Fact]
    public async Task WalkEnds_WhateverComes()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach (var row in (IEnumerable<(string Type, byte[] Picture)>)
        [
            ("image/jpeg", TestPictures.Tagged(".jpg", 40, 30)), ("image/png", TestPictures.Tagged(".png", 40, 30)), ("image/webp", TestPictures.Tagged(".webp", 40, 30)),
            ("image/avif", TestPictures.Tagged(".avif", 40, 30)), ("image/gif", TestPictures.Moving(".gif", 40, 30)), ("image/webp", TestPictures.Moving(".webp", 40, 30)),
        ])
        {
            for (var round = 0; round < 400; round++)
            {
                var bytes = row.Picture[..(round % 4 == 0 ? random.Next(row.Picture.Length) : row.Picture.Length)].ToArray();
                for (var change = 0; change < 4 && bytes.Length > 0; change++)
                {
                    // Mostly where the structure is.
                    bytes[random.Next(Math.Min(bytes.Length, random.Next(2) == 0 ? 600 : int.MaxValue))] = random.Next(4) == 0 ? (byte)0xFF : (byte)random.Next(256);
                }

                var (_, stored) = await WalkAsync(row.Type, bytes, random.Next(1, 3_000));
                Assert.InRange(stored.Length, 0, bytes.Length + 64);
            }
        }
    }

    [Fact]
    public async Task WalkStops_WhenTheBodyIsTooLong_AlsoWhereItStoresNothing()
    {
        // One chunk that is dropped, of a length that no picture has.
        byte[] head = [.. TestPictures.Bomb(3, 2)[..33], 0x7F, 0xFF, 0xFF, 0xFF, .. "zTXt"u8];
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(head, Token);
        await pipe.Writer.WriteAsync(new byte[10_000], Token);
        var flow = new PictureFlow(pipe.Reader, static _ => ValueTask.FromResult<IntakeOutcome?>(null), maxBytes: 5_000, Token);
        await PngWalk.WalkAsync(flow);
        Assert.Equal(IntakeOutcome.TooLarge, flow.Refusal);
        flow.End();
    }

    private static async Task<(PictureInfo? Found, byte[] Stored)> WalkAsync(string type, byte[] picture, int piece)
    {
        var stored = new ArrayBufferWriter<byte>();
        var flow = new PictureFlow(
            PipeReader.Create(new Pieces(picture, piece)),
            bytes =>
            {
                stored.Write(bytes.Span);
                return ValueTask.FromResult<IntakeOutcome?>(null);
            },
            maxBytes: 10_000_000,
            Token);
        var found = await ContentTypes.Find(type, "", [])!.Walk!(flow);
        await flow.CopyRestAsync();
        flow.End();
        return (found, stored.WrittenSpan.ToArray());
    }

    /// <summary>Gives no more than some bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, most));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
