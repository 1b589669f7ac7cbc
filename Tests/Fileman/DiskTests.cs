using Contracts;
using Fileman;
using Fileman.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Fileman;

public sealed class DiskTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    [Fact]
    public async Task Is507_WhenTheDiskIsNearlyFull_AndReadsGoOn()
    {
        // More than any disk has.
        await using var full = system.StartFileman(("Blobs:MinFreeBytes", (1L << 50).ToString()));
        var tenant = await system.CreateTenantAsync();
        var id = await tenant["ann"].UploadedAsync("x"u8.ToArray());
        using var ann = new Caller(full.Address, tenant.Id, "ann");
        using var refused = await ann.UploadAsync("x"u8.ToArray());
        Assert.Equal(TimeSpan.FromMinutes(1), refused.Headers.RetryAfter!.Delta);
        await RefusedAsync(Task.FromResult(refused), 507, ProblemTypes.StorageFull);
        Assert.Equal(0, (await system.UsageAsync(tenant.Id)).ReservedBytes);
        await ReadAsync(ann.GetAsync($"/v1/files/{id}"), 200);
        using var content = await ann.DownloadAsync(id);
        Assert.Equal("x", await content.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Is507_WhenTheDiskIsFullAllTheSame()
    {
        await using var full = system.StartFileman([], services => services.AddSingleton<IBlobStore>(new FullStore()));
        var tenant = await system.CreateTenantAsync(fileman: full);
        await RefusedAsync(tenant["ann"].UploadAsync("x"u8.ToArray()), 507, ProblemTypes.StorageFull);
        await system.WaitForNoReservationAsync(tenant.Id);
    }

    [Fact]
    public void UploadsUnderWayCount_WithWhatTheyHaveStillToWrite()
    {
        var store = new FullStore { Free = 1_000 };
        var disk = new DiskWatermark(store, Options.Create(new BlobOptions { MinFreeBytes = 100 }), system.Fileman.Get<FilemanTelemetry>());
        using var first = disk.TryClaim(600);
        Assert.NotNull(first);
        Assert.Null(disk.TryClaim(301));
        using (var second = disk.TryClaim(300))
        {
            Assert.NotNull(second);
        }

        // Half of it is on the disk: it counts in the free bytes, and no longer in the reservation.
        Assert.True(first.Wrote(300));
        store.Free = 700;
        Assert.NotNull(disk.TryClaim(300));
        Assert.Null(disk.TryClaim(1));
    }

    [Fact]
    public void UploadEnds_WhenOthersFillTheDiskMeanwhile()
    {
        var store = new FullStore { Free = 1L << 40 };
        var disk = new DiskWatermark(store, Options.Create(new BlobOptions()), system.Fileman.Get<FilemanTelemetry>());
        using var claim = disk.TryClaim(1L << 30)!;
        Assert.True(claim.Wrote(1 << 20));
        store.Free = 1L << 29;
        Assert.True(claim.Wrote(1 << 20));
        Assert.False(claim.Wrote(1 << 24));
    }

    /// <summary>As a folder whose disk is full.</summary>
    private sealed class FullStore : IBlobStore
    {
        public long? Free { get; set; }

        public long? FreeBytes => Free;

        public Task<IBlobWriter> CreateAsync(BlobKey key, CancellationToken cancellationToken) => throw new BlobStoreException("No space left on device") { IsFull = true };

        public Task<Stream?> OpenAsync(BlobKey key, long offset, long length, CancellationToken cancellationToken) => Task.FromResult<Stream?>(null);

        public Task DeleteAsync(BlobKey key, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
