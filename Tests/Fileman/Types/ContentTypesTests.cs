using System.Text;
using Fileman.Types;

namespace Tests.Fileman.Types;

public sealed class ContentTypesTests
{
    private static readonly Dictionary<string, byte[]> Heads = new(StringComparer.Ordinal)
    {
        ["image/png"] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13],
        ["image/jpeg"] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16],
        ["image/gif"] = "GIF89a"u8.ToArray(),
        ["image/webp"] = "RIFF\u0001\u0002\u0003\u0004WEBP"u8.ToArray(),
        ["image/bmp"] = "BM\u0001\u0001\u0001\u0001\0\0\0\0\u0036\0\0\0"u8.ToArray(),
        ["image/avif"] = "\0\0\0\u0020ftypavif"u8.ToArray(),
        ["image/heic"] = "\0\0\0\u0020ftypheic"u8.ToArray(),
        ["application/pdf"] = "%PDF-1.7"u8.ToArray(),
        ["application/zip"] = "PK\u0003\u0004"u8.ToArray(),
        ["application/msword"] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
        ["application/vnd.ms-excel"] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
        ["application/vnd.ms-powerpoint"] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
        ["application/rtf"] = "{\\rtf1"u8.ToArray(),
        ["application/x-7z-compressed"] = [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C],
        ["application/gzip"] = [0x1F, 0x8B, 0x08, 0],
        ["video/mp4"] = "\0\0\0\u0020ftypisom"u8.ToArray(),
        ["video/quicktime"] = "\0\0\0\u0014ftypqt  "u8.ToArray(),
        ["video/webm"] = [0x1A, 0x45, 0xDF, 0xA3],
        ["video/ogg"] = "OggS"u8.ToArray(),
        ["audio/mpeg"] = [0xFF, 0xFB, 0x90, 0x64],
        ["audio/aac"] = [0xFF, 0xF1, 0x50],
        ["audio/mp4"] = "\0\0\0\u0020ftypM4A "u8.ToArray(),
        ["audio/ogg"] = "OggS"u8.ToArray(),
        ["audio/webm"] = [0x1A, 0x45, 0xDF, 0xA3],
        ["audio/flac"] = "fLaC"u8.ToArray(),
        ["audio/wav"] = "RIFF\u0001\u0002\u0003\u0004WAVE"u8.ToArray(),
    };

    public static TheoryData<string> Types => new(ContentTypes.Defaults);

    [Theory]
    [MemberData(nameof(Types))]
    public void OwnHeadMatches_AndATextDoesNot(string type)
    {
        var rule = ContentTypes.Find(type, "", [])!;
        if (rule.Kind == ContentKind.Text)
        {
            Assert.True(rule.MatchesHead("anything"u8));
            return;
        }

        var head = Heads.GetValueOrDefault(type, Heads["application/zip"]);
        Assert.True(rule.MatchesHead(head));
        Assert.False(rule.MatchesHead("<html><script>alert(1)</script>"u8[..16]));
        for (var length = 0; length < 2; length++)
        {
            Assert.False(rule.MatchesHead(head.AsSpan(0, length)));
        }
    }

    [Fact]
    public void EveryHeadMatchesOnlyItsOwnFamily()
    {
        foreach (var (type, head) in Heads)
        {
            var matching = ContentTypes.Defaults.Select(other => ContentTypes.Find(other, "", [])!)
                .Where(rule => rule.Kind == ContentKind.Signed && rule.MatchesHead(head))
                .Select(static rule => rule.Type)
                .ToList();
            Assert.Contains(type, matching);
            if (type.StartsWith("image/", StringComparison.Ordinal) && type is not ("image/avif" or "image/heic"))
            {
                Assert.Equal([type], matching);
            }
        }
    }

    [Theory]
    [InlineData("IMAGE/PNG", "image/png")]
    [InlineData("text/plain; charset=utf-8", "text/plain")]
    [InlineData("text/html", "application/octet-stream")]
    [InlineData("image/svg+xml", "application/octet-stream")]
    [InlineData("application/octet-stream", "application/octet-stream")]
    [InlineData("multipart/form-data; boundary=x", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("nonsense", "application/octet-stream")]
    [InlineData("text/plain, text/html", "application/octet-stream")]
    [InlineData("", "application/octet-stream")]
    [InlineData(null, "application/octet-stream")]
    public void TypeIsFound_OrIsOpaque(string? declared, string? expected) =>
        Assert.Equal(expected, ContentTypes.Find(declared, "", [])?.Type);

    [Fact]
    public void ConfigurationNarrowsAndWidens_ButNeverToWhatABrowserWouldRun()
    {
        string[] narrow = ["image/png", "application/zip", "application/x-own", "text/html", "image/svg+xml"];
        Assert.Equal(ContentKind.Signed, ContentTypes.Find("image/png", "", narrow)!.Kind);
        Assert.Equal("application/zip", ContentTypes.Find("application/x-zip-compressed", "", narrow)!.Type);
        Assert.Equal(("application/x-own", ContentKind.Opaque), ContentTypes.Find("application/x-own", "", narrow) is { } own ? (own.Type, own.Kind) : default);
        foreach (var type in (string[])["image/gif", "application/octet-stream", "text/html", "image/svg+xml", "text/plain"])
        {
            Assert.Null(ContentTypes.Find(type, "a.gif", narrow));
        }

        Assert.Null(ContentTypes.FindOther(ContentTypes.Find("image/png", "", narrow)!, "GIF89a"u8, narrow));
        Assert.Equal(
            ["application/x-own", "application/x-zip", "application/x-zip-compressed", "application/zip", "image/png", "image/x-png"],
            ContentTypes.Accepted(narrow).Order(StringComparer.Ordinal));
        string[] wide = ["image/png", "application/octet-stream"];
        foreach (var type in (string[])["image/gif", "application/x-own", "text/html", "image/svg+xml"])
        {
            Assert.Equal("application/octet-stream", ContentTypes.Find(type, "", wide)!.Type);
        }

        Assert.Contains("*/*", ContentTypes.Accepted(wide));
        Assert.False(ContentTypes.MayBeInline("application/octet-stream"));
        Assert.False(ContentTypes.MayBeInline("application/x-own"));
    }

    [Fact]
    public void TextIsValid_HoweverItIsCut()
    {
        var text = Encoding.UTF8.GetBytes("aä€🚀\r\nz");
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                var check = new Utf8Check();
                Assert.True(check.Add(text.AsSpan(0, first)) && check.Add(text.AsSpan(first, second - first)) && check.Add(text.AsSpan(second)));
                Assert.True(check.End());
            }
        }
    }

    [Theory]
    [InlineData("61 00")]
    [InlineData("FF")]
    [InlineData("C0 80")]
    [InlineData("ED A0 80")]
    [InlineData("F4 90 80 80")]
    [InlineData("80")]
    [InlineData("E2 82 41")]
    [InlineData("E2 82")]
    [InlineData("F0 9F 9A")]
    public void TextIsInvalid_HoweverItIsCut(string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var whole = new Utf8Check();
        Assert.False(whole.Add(bytes) && whole.End());
        var cut = new Utf8Check();
        Assert.False(bytes.All(one => cut.Add([one])) && cut.End());
        var late = new Utf8Check();
        Assert.False(late.Add([.. new byte[100].Select(static _ => (byte)'a'), .. bytes]) && late.End());
    }
}
