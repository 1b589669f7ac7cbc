using Contracts;
using Contracts.Files;
using Fileman.Blobs;
using Tests.Dbman;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Fileman;

public sealed class ReaperTests(FilemanSystem system) : IClassFixture<FilemanSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ContentIsRemoved_WhenItsFileIsDeleted()
    {
        await using var fileman = system.StartFileman(("Reaper:Interval", "00:00:00.050"));
        var tenant = await system.CreateTenantAsync();
        var kept = await tenant["ann"].UploadedAsync("kept"u8.ToArray());
        var id = await tenant["ann"].UploadedAsync("gone"u8.ToArray());
        Assert.Equal(2, system.OnDisk(tenant.Id).Count);
        await ReadAsync(tenant["ann"].DeleteAsync($"/v1/files/{id}"), 204);
        await system.WaitForDiskAsync(tenant.Id, 1);
        Assert.Equal([$"t.{tenant.Id}.{kept}"], system.OnDisk(tenant.Id));
    }

    [Fact]
    public async Task WhatACrashedUploadLeftIsRemoved_WhenItsReservationEnds()
    {
        await using var fileman = system.StartFileman(("Reaper:Interval", "00:00:00.050"));
        var tenant = await system.CreateTenantAsync();

        // As far as an upload comes before its replica dies: reserved, partly or wholly in the store, never completed.
        var blobs = system.Fileman.Get<IBlobStore>();
        foreach (var (id, commit) in new[] { ("partial", false), ("whole", true) })
        {
            (await system.Store.Files.ReserveAsync(tenant.Id, new ReserveFileRequest(id, "ann", "n", "text/plain", 10, ExpiresInSeconds: 1), Token)).Ok();
            var writer = await blobs.CreateAsync(new BlobKey(tenant.Id, id), Token);
            await writer.WriteAsync(new byte[10], Token);
            if (commit)
            {
                await writer.CommitAsync(Token);
            }
        }

        Assert.Equal(2, system.OnDisk(tenant.Id).Count);
        await system.WaitForDiskAsync(tenant.Id, 0);
        Assert.Equal(0, (await system.UsageAsync(tenant.Id)).ReservedBytes);
        await RefusedAsync(tenant["ann"].GetAsync("/v1/files/whole"), 404, ProblemTypes.FileNotFound);
    }

    [Fact]
    public async Task CallsAre503_AndTheReplicaIsNotReadyButLive_WhenDbmanIsAway()
    {
        await using var fileman = system.StartFileman(("services:dbman:http:0", "http://127.0.0.1:1"), ("ServiceClients:TotalTimeout", "00:00:02"));
        using var ann = new Caller(fileman.Address, "t", "ann");
        await RefusedAsync(ann.GetAsync("/v1/files"), 503, ProblemTypes.DependencyUnavailable);
        await RefusedAsync(ann.GetAsync("/v1/files/f"), 503, ProblemTypes.DependencyUnavailable);
        await RefusedAsync(ann.DownloadAsync("f"), 503, ProblemTypes.DependencyUnavailable);
        await RefusedAsync(ann.DeleteAsync("/v1/files/f"), 503, ProblemTypes.DependencyUnavailable);
        await RefusedAsync(ann.UploadAsync("x"u8.ToArray()), 503, ProblemTypes.DependencyUnavailable);
        using var ready = await ann.GetAsync("/health/ready");
        Assert.Equal(503, (int)ready.StatusCode);
        await ReadAsync(ann.GetAsync("/health/live"), 200);
    }
}
