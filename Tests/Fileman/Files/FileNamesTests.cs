using Contracts;
using Contracts.Public;
using Fileman.Files;
using Microsoft.AspNetCore.Http;

namespace Tests.Fileman.Files;

public sealed class FileNamesTests
{
    [Theory]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("caf%C3%A9%20%F0%9F%9A%80.txt", "café 🚀.txt")]
    [InlineData("..%2F..%2Fetc%2Fpasswd", "passwd")]
    [InlineData("C:%5CUsers%5Cx.txt", "x.txt")]
    [InlineData("..", "file")]
    [InlineData("%2F", "file")]
    [InlineData("a%00b%0D%0Ac", "abc")]
    [InlineData("invoice%E2%80%AEgpj.exe", "invoicegpj.exe")]
    [InlineData("  x.txt. . ", "x.txt")]
    [InlineData("", "file")]
    public void NameIsCleaned(string header, string expected)
    {
        Assert.True(FileNames.TryRead(Headers(FileRoutes.FileNameHeader, header), out var name));
        Assert.Equal(expected, name);
    }

    [Theory]
    [InlineData("attachment; filename=\"a b.txt\"", "a b.txt")]
    [InlineData("attachment; filename=\"x.txt\"; filename*=UTF-8''%C3%A4.txt", "ä.txt")]
    [InlineData("attachment; filename=\"../../x.txt\"", "x.txt")]
    [InlineData("attachment", "file")]
    [InlineData(";;;", "file")]
    public void ContentDispositionIsUnderstood(string header, string expected)
    {
        Assert.True(FileNames.TryRead(Headers("Content-Disposition", header), out var name));
        Assert.Equal(expected, name);
    }

    [Fact]
    public void NameIsRefused_WhenItIsTooLong()
    {
        Assert.True(FileNames.TryRead(Headers(FileRoutes.FileNameHeader, new string('x', Limits.Name)), out _));
        foreach (var length in (int[])[Limits.Name + 1, 255, 4_000])
        {
            Assert.True(FileNames.TryRead(Headers(FileRoutes.FileNameHeader, new string('x', length) + ".tar"), out var cut));
            Assert.Equal(new string('x', Limits.Name - 4) + ".tar", cut);
        }

        // Not within a character, and not to keep an ending that is no extension.
        Assert.True(FileNames.TryRead(Headers(FileRoutes.FileNameHeader, Uri.EscapeDataString(new string('x', Limits.Name - 5) + "🚀🚀🚀.tar")), out var whole));
        Assert.Equal(new string('x', Limits.Name - 5) + ".tar", whole);
        Assert.True(FileNames.TryRead(Headers(FileRoutes.FileNameHeader, "a." + new string('x', Limits.Name)), out var tail));
        Assert.Equal("a." + new string('x', Limits.Name - 2), tail);
    }

    [Theory]
    [InlineData("x.txt", "attachment; filename=x.txt; filename*=UTF-8''x.txt")]
    [InlineData("a \"b\" \\c.txt", "attachment; filename=\"a \\\"b\\\" \\\\c.txt\"; filename*=UTF-8''a%20%22b%22%20%5Cc.txt")]
    [InlineData("ä.txt", "attachment; filename=_.txt; filename*=UTF-8''%C3%A4.txt")]
    public void DispositionIsEncoded(string name, string expected) =>
        Assert.Equal(expected, FileNames.Disposition(name, inline: false));

    [Fact]
    public void IdsCannotBeGuessed()
    {
        var ids = Enumerable.Range(0, 1_000).Select(static _ => FileViews.NewId()).ToList();
        Assert.Equal(1_000, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, static id => Assert.Matches("^[0-9a-f]{32}$", id));

        // No part is the same everywhere, as a time or a version would be.
        for (var position = 0; position < 32; position++)
        {
            Assert.True(ids.Select(id => id[position]).Distinct().Count() > 8);
        }
    }

    private static HeaderDictionary Headers(string name, string value) => new() { [name] = value };
}
