using Fileman.Blobs;

namespace Tests.Fileman.Blobs;

public sealed class FolderBlobStoreTests : BlobStoreTests, IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("blobs-");

    public FolderBlobStoreTests() => Store = new FolderBlobStore(_root.FullName);

    private protected override IBlobStore Store { get; }

    protected override int Leftovers => _root.GetFiles("*", SearchOption.AllDirectories).Length;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task ReaderKeepsItsContent_WhenItIsDeletedMeanwhile()
    {
        await WriteAsync(Key, new byte[1_000_000]);
        await using var stream = await Store.OpenAsync(Key, 0, 1_000_000, Token);
        await stream!.ReadExactlyAsync(new byte[10], Token);
        await Store.DeleteAsync(Key, Token);
        await stream.ReadExactlyAsync(new byte[999_990], Token);
    }

    [Fact]
    public async Task ContentsAreTheServicesAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await WriteAsync(Key, new byte[10]);
        await WriteAsync(Key.Thumbnail, new byte[10]);
        foreach (var file in _root.GetFiles("*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
        }

        foreach (var folder in _root.GetDirectories())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder.UnixFileMode);
        }
    }

    [Fact]
    public async Task StoreIsLost_WhenTheFolderIs()
    {
        _root.Delete(recursive: true);
        await Assert.ThrowsAsync<BlobStoreException>(() => Store.CreateAsync(Key, Token));
        _root.Create();
    }
}
