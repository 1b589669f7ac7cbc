using System.Text;
using Contracts;
using Tests.Fileman.Pictures;
using static Tests.Infrastructure.Caller;

namespace Tests.Fileman;

/// <summary>Files as browsers and systems name them, and as programs write them.</summary>
public sealed class BrowserFilesTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    private const string Opaque = "application/octet-stream";

    private static readonly byte[] Zip = "PK\u0003\u0004 and so on"u8.ToArray();
    private static readonly byte[] Compound = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0, 0, 0];
    private static readonly byte[] Text = "a;ä\n"u8.ToArray();

    public static TheoryData<string?, string, byte[], string> Files => new()
    {
        // Other names of types.
        { "application/x-zip-compressed", "a.zip", Zip, "application/zip" },
        { "application/x-gzip", "a.gz", [0x1F, 0x8B, 0x08, 0], "application/gzip" },
        { "audio/x-m4a", "a.m4a", "\0\0\0\u0020ftypM4A "u8.ToArray(), "audio/mp4" },
        { "audio/x-wav", "a.wav", "RIFF\u0001\u0002\u0003\u0004WAVE"u8.ToArray(), "audio/wav" },
        { "audio/x-flac", "a.flac", "fLaC"u8.ToArray(), "audio/flac" },
        { "application/vnd.ms-excel", "a.CSV", Text, "text/csv" },
        { "application/vnd.ms-excel", "a.xls", Compound, "application/vnd.ms-excel" },

        // None, or a generic one: the name decides.
        { null, "notes.md", Text, "text/markdown" },
        { Opaque, "server.log", Text, "text/plain" },
        { "", "data.json", Text, "application/json" },
        { Opaque, "photo.flac", "fLaC"u8.ToArray(), "audio/flac" },
        { null, "no-ending", Text, Opaque },

        // Known kinds.
        { "application/x-7z-compressed", "a.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], "application/x-7z-compressed" },
        { "application/msword", "a.doc", Compound, "application/msword" },
        { "text/rtf", "a.rtf", "{\\rtf1}"u8.ToArray(), "application/rtf" },
        { "text/calendar", "a.ics", "BEGIN:VCALENDAR"u8.ToArray(), "text/calendar" },
        { "text/x-python", "a.py", Text, "text/plain" },

        // As programs write them.
        { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "secret.docx", Compound, "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
        { "application/pdf", "a.pdf", [0xEF, 0xBB, 0xBF, .. "%PDF-1.7"u8], "application/pdf" },
        { "application/pdf", "a.pdf", "\r\n\r\n%PDF-1.4"u8.ToArray(), "application/pdf" },
        { "text/csv", "cp1252.csv", [(byte)'a', 0xE4, (byte)';'], Opaque },
        { "text/plain", "utf16.txt", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("hello")).ToArray(), Opaque },
        { "text/plain", "late.txt", [.. Encoding.ASCII.GetBytes(new string('x', 300_000)), 0xFF], Opaque },

        // Not known, or not to be run.
        { "application/x-sketch", "a.sketch", [1, 2, 3], Opaque },
        { "nonsense", "a", [1, 2, 3], Opaque },
        { "text/html", "page.html", "<script>alert(1)</script>"u8.ToArray(), Opaque },
        { "image/svg+xml", "a.svg", "<svg/>"u8.ToArray(), Opaque },
        { "text/javascript", "a.js", "alert(1)"u8.ToArray(), Opaque },
        { Opaque, "page.html", "<script>alert(1)</script>"u8.ToArray(), Opaque },

        // Not what they claim.
        { "image/png", "a.png", "<script>alert(1)</script>"u8.ToArray(), Opaque },
        { "image/png", "a.png", [], Opaque },
        { "image/png", "a.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. new byte[5_000]], Opaque },
        { "audio/mpeg", "a.mp3", "<script>"u8.ToArray(), Opaque },
        { "application/pdf", "a.pdf", "no"u8.ToArray(), Opaque },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FileIsTaken_AndShownInPlaceOnlyWhenItIsProvenToBeHarmless(string? type, string name, byte[] bytes, string expected)
    {
        var tenant = await system.CreateTenantAsync();
        var file = await ReadAsync(tenant["ann"].UploadAsync(new ByteArrayContent(bytes), type, name), 201);
        Assert.Equal(expected, file.GetProperty("contentType").GetString());
        Assert.Equal(bytes.Length, file.GetProperty("size").GetInt32());
        var id = file.GetProperty("id").GetString()!;
        using var response = await tenant["bob"].DownloadAsync(id, query: "?disposition=inline");
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(expected.StartsWith("audio/", StringComparison.Ordinal) ? "inline" : "attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("sandbox; default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task PictureUnderTheNameOfAnotherFormat_IsThatPicture()
    {
        var tenant = await system.CreateTenantAsync();
        var file = await ReadAsync(tenant["ann"].UploadAsync(TestPictures.Simple(".webp"), "image/jpeg", "photo.jpg"), 201);
        Assert.Equal("image/webp", file.GetProperty("contentType").GetString());
        Assert.Equal((300, 200, false), (
            file.GetProperty("picture").GetProperty("width").GetInt32(),
            file.GetProperty("picture").GetProperty("height").GetInt32(),
            file.GetProperty("picture").GetProperty("animated").GetBoolean()));
    }

    [Fact]
    public async Task AvifOfAGeneralBrand_IsAvif()
    {
        var avif = TestPictures.Simple(".avif");
        Assert.Equal("avif", Encoding.ASCII.GetString(avif, 8, 4));
        "mif1"u8.CopyTo(avif.AsSpan(8));
        var tenant = await system.CreateTenantAsync();
        var file = await ReadAsync(tenant["ann"].UploadAsync(avif, "image/avif", "a.avif"), 201);
        Assert.Equal("image/avif", file.GetProperty("contentType").GetString());
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Is415_WhenItIsAForm(string type)
    {
        var tenant = await system.CreateTenantAsync();
        await RefusedAsync(tenant["ann"].UploadAsync(new ByteArrayContent("--x"u8.ToArray()), type, "a"), 415, ProblemTypes.UnsupportedMediaType);
    }

    [Fact]
    public async Task Is415_WhenTheConfigurationIsNarrower_AlsoForWhatTheContentTurnsOutToBe()
    {
        await using var fileman = system.StartFileman(("Uploads:AllowedTypes:0", "image/png"), ("Uploads:AllowedTypes:1", "text/plain"), ("Uploads:AllowedTypes:2", "text/html"));
        var tenant = await system.CreateTenantAsync(fileman: fileman);
        foreach (var (type, bytes) in ((string, byte[])[])
        [
            ("application/zip", Zip), ("text/html", Text), ("image/png", Text), ("image/png", TestPictures.Simple(".webp")), ("text/plain", [0]), ("text/plain", [.. Encoding.ASCII.GetBytes(new string('x', 300_000)), 0xFF]),
            ("image/png", TestPictures.Bomb(10_000, 10_000)), (Opaque, Text),
        ])
        {
            await RefusedAsync(tenant["ann"].UploadAsync(bytes, type, "a"), 415, ProblemTypes.UnsupportedMediaType);
        }

        await system.WaitForNoReservationAsync(tenant.Id);
        Assert.Empty(system.OnDisk(tenant.Id));
        await ReadAsync(tenant["ann"].UploadAsync(Text, "text/plain; charset=utf-8", "a"), 201);
    }
}
