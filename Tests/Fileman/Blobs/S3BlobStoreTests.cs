using Fileman.Blobs;

namespace Tests.Fileman.Blobs;

public sealed class S3BlobStoreTests : BlobStoreTests, IAsyncLifetime
{
    private const int PartBytes = 6 * 1_024 * 1_024;

    private S3Server _server = null!;
    private IBlobStore _store = null!;

    private protected override IBlobStore Store => _store;

    protected override int Leftovers => _server.Objects.Count + _server.Uploads.Count;

    public async ValueTask InitializeAsync()
    {
        _server = await S3Server.StartAsync(Token);
        _store = BlobsExtensions.CreateS3(new BlobOptions
        {
            Store = BlobStoreKind.S3,
            Bucket = "contents",
            ServiceUrl = _server.Address,
            ForcePathStyle = true,
            AccessKey = "key",
            SecretKey = "secret",
            PartBytes = PartBytes,
            MaxRetries = 0,
        });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task MemoryIsBoundedByOnePart_WhateverTheContentsLength()
    {
        await WriteAsync(Key, new byte[(PartBytes * 4) + 123]);
        Assert.Equal(PartBytes, _server.LargestBody);
        Assert.Equal(["/contents/acme/f1"], _server.Objects);
    }

    [Fact]
    public async Task StoreIsLost_WhenTheServerFails()
    {
        await WriteAsync(Key, [1, 2, 3]);
        _server.Failure = 500;
        await Assert.ThrowsAsync<BlobStoreException>(() => Store.OpenAsync(Key, 0, 1, Token));
        await Assert.ThrowsAsync<BlobStoreException>(() => Store.DeleteAsync(Key, Token));
        await Assert.ThrowsAsync<BlobStoreException>(() => WriteAsync(Key, [1]));
    }

    [Fact]
    public async Task StoreIsLost_WhenThereIsNoServer()
    {
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<BlobStoreException>(() => Store.OpenAsync(Key, 0, 1, Token));
    }

    [Fact]
    public async Task CancellationIsNoLoss()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.OpenAsync(Key, 0, 1, cancelled.Token));
    }
}
