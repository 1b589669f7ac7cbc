using System.Security.Cryptography;
using Fileman.Blobs;

namespace Tests.Fileman.Blobs;

/// <summary>What holds for every store of contents.</summary>
public abstract class BlobStoreTests
{
    private protected static readonly BlobKey Key = new("acme", "f1");

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract IBlobStore Store { get; }

    /// <summary>Everything that the store holds, finished or not.</summary>
    protected abstract int Leftovers { get; }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200_000)]
    [InlineData((6 * 1_024 * 1_024) - 1)]
    [InlineData(6 * 1_024 * 1_024)]
    [InlineData((6 * 1_024 * 1_024) + 1)]
    [InlineData(20_000_000)]
    public async Task ContentComesBack_WhenCommitted(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        await WriteAsync(Key, bytes);
        if (size > 0)
        {
            Assert.Equal(bytes, await ReadAsync(Key, 0, size));
        }

        Assert.Equal(1, Leftovers);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 10)]
    [InlineData(5, 3)]
    [InlineData(9, 1)]
    public async Task RangeComesBack_WhenAskedFor(long offset, int length)
    {
        var bytes = "0123456789"u8.ToArray();
        await WriteAsync(Key, bytes);
        Assert.Equal(bytes.AsSpan((int)offset, length).ToArray(), await ReadAsync(Key, offset, length));
    }

    [Fact]
    public async Task ThumbnailIsBesideItsContent_AndALaterOneTakesItsPlace()
    {
        await WriteAsync(Key, "content"u8.ToArray());
        await WriteAsync(Key.Thumbnail, "earlier"u8.ToArray());
        await WriteAsync(Key.Thumbnail, "later"u8.ToArray());
        Assert.Equal("content"u8.ToArray(), await ReadAsync(Key, 0, 7));
        Assert.Equal("later"u8.ToArray(), await ReadAsync(Key.Thumbnail, 0, 5));
        await Store.DeleteAsync(Key.Thumbnail, Token);
        Assert.Equal(1, Leftovers);
        Assert.Equal("content"u8.ToArray(), await ReadAsync(Key, 0, 7));
    }

    [Fact]
    public async Task NothingIsThere_BeforeTheCommit()
    {
        await using var writer = await Store.CreateAsync(Key, Token);
        await writer.WriteAsync(new byte[7 * 1_024 * 1_024], Token);
        Assert.Null(await Store.OpenAsync(Key, 0, 1, Token));
        await writer.CommitAsync(Token);
        await using var there = await Store.OpenAsync(Key, 0, 1, Token);
        Assert.NotNull(there);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(13 * 1_024 * 1_024)]
    public async Task NothingStays_WhenTheWriterIsDroppedWithoutACommit(int size)
    {
        await using (var writer = await Store.CreateAsync(Key, Token))
        {
            await writer.WriteAsync(new byte[size], Token);
        }

        Assert.Null(await Store.OpenAsync(Key, 0, 1, Token));
        Assert.Equal(0, Leftovers);
    }

    [Fact]
    public async Task DeleteRemovesWhatACrashedUploadLeft()
    {
        // Never disposed: as if the process had ended here.
        var writer = await Store.CreateAsync(Key, Token);
        await writer.WriteAsync(new byte[13 * 1_024 * 1_024], Token);
        Assert.Equal(1, Leftovers);

        await Store.DeleteAsync(Key, Token);
        Assert.Equal(0, Leftovers);
    }

    [Fact]
    public async Task DeleteIsQuiet_WhenNothingIsThere()
    {
        await Store.DeleteAsync(Key, Token);
        await WriteAsync(Key, [1, 2, 3]);
        await Store.DeleteAsync(Key, Token);
        await Store.DeleteAsync(Key, Token);
        Assert.Null(await Store.OpenAsync(Key, 0, 1, Token));
        Assert.Equal(0, Leftovers);
    }

    [Fact]
    public async Task ContentsAreApart_WhenTenantsUseTheSameId()
    {
        var other = new BlobKey("other", Key.File);
        await WriteAsync(Key, [1]);
        await WriteAsync(other, [2]);
        Assert.Equal([1], await ReadAsync(Key, 0, 1));
        Assert.Equal([2], await ReadAsync(other, 0, 1));
        await Store.DeleteAsync(other, Token);
        Assert.Equal([1], await ReadAsync(Key, 0, 1));
    }

    [Theory]
    [InlineData("..", "f")]
    [InlineData("a/b", "f")]
    [InlineData("acme", "../../etc/passwd")]
    [InlineData("acme", "")]
    [InlineData("acme", "a\0b")]
    [InlineData("acme", "C:")]
    public void KeyIsRefused_WhenItCouldLeaveItsPlace(string tenant, string file) =>
        Assert.Throws<ArgumentException>(() => new BlobKey(tenant, file));

    private protected async Task WriteAsync(BlobKey key, byte[] bytes)
    {
        await using var writer = await Store.CreateAsync(key, Token);

        // In pieces whose borders meet none of the store's own.
        foreach (var piece in bytes.Chunk(77_777))
        {
            await writer.WriteAsync(piece, Token);
        }

        await writer.CommitAsync(Token);
    }

    private protected async Task<byte[]> ReadAsync(BlobKey key, long offset, int length)
    {
        await using var stream = await Store.OpenAsync(key, offset, length, Token) ?? throw new InvalidOperationException($"No content {key}.");
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, Token);
        return bytes;
    }
}
