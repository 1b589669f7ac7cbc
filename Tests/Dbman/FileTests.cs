using Contracts;
using Contracts.Files;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class FileTests(DataServers servers)
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FileIsSeen_OnlyFromCompletionToDeletion()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token, quota: 100);
        var files = app.Client.Files;

        var reserved = (await files.ReserveAsync(tenant, New("f1", 60), Token)).Ok();
        Assert.Equal(("uploading", ""), (reserved.Status, reserved.Sha256));
        (await files.GetAsync(tenant, "f1", Token)).Refused(404, ProblemTypes.FileNotFound);
        Assert.Equal(new StorageUsage(0, 60, 100), (await files.GetUsageAsync(tenant, Token)).Ok());

        var completed = (await files.CompleteAsync(tenant, "f1", new CompleteFileRequest(50, Hash, "image/png"), Token)).Ok();
        Assert.Equal(("ready", 50L, "image/png"), (completed.Status, completed.Size, completed.ContentType));
        Assert.Equal(completed, (await files.CompleteAsync(tenant, "f1", new CompleteFileRequest(50, Hash, "image/png"), Token)).Ok());
        (await files.CompleteAsync(tenant, "f1", new CompleteFileRequest(51, Hash, "image/png"), Token)).Refused(409, ProblemTypes.Conflict);
        Assert.Equal(completed, (await files.GetAsync(tenant, "f1", Token)).Ok());
        Assert.Equal(new StorageUsage(50, 0, 100), (await files.GetUsageAsync(tenant, Token)).Ok());
        (await files.ForgetAsync(tenant, "f1", Token)).Refused(409, ProblemTypes.Conflict);

        Assert.Equal("deleting", (await files.DeleteAsync(tenant, "f1", Token)).Ok().Status);
        Assert.Equal("deleting", (await files.DeleteAsync(tenant, "f1", Token)).Ok().Status);
        (await files.GetAsync(tenant, "f1", Token)).Refused(404, ProblemTypes.FileNotFound);
        Assert.Equal(new StorageUsage(0, 0, 100), (await files.GetUsageAsync(tenant, Token)).Ok());
        Assert.Contains((await files.ListReapableAsync(100, Token)).Ok().Files, file => file.Tenant == tenant && file.Id == "f1");

        (await files.ForgetAsync(tenant, "f1", Token)).Ok();
        (await files.ForgetAsync(tenant, "f1", Token)).Ok();
        (await files.DeleteAsync(tenant, "f1", Token)).Refused(404, ProblemTypes.FileNotFound);
    }

    [Fact]
    public async Task ThumbnailIsChargedOnce_AndFreedWithItsFile()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token, quota: 100);
        var files = app.Client.Files;
        var picture = new PictureInfo(3, 2, Animated: true);
        (await files.ReserveAsync(tenant, New("f1", 100), Token)).Ok();
        (await files.SetThumbnailAsync(tenant, "f1", new SetThumbnailRequest(7), Token)).Refused(404, ProblemTypes.FileNotFound);
        var completed = (await files.CompleteAsync(tenant, "f1", new CompleteFileRequest(100, Hash, "image/png", picture), Token)).Ok();
        Assert.Equal((picture, null), (completed.Picture, completed.ThumbnailBytes));

        // Also when the quota is used up: a thumbnail is ours, and small.
        var made = (await files.SetThumbnailAsync(tenant, "f1", new SetThumbnailRequest(7), Token)).Ok();
        Assert.Equal((picture, 7), (made.Picture, made.ThumbnailBytes));
        Assert.Equal(made, (await files.SetThumbnailAsync(tenant, "f1", new SetThumbnailRequest(9, new PictureInfo(1, 1, Animated: false)), Token)).Ok());
        Assert.Equal(made, (await files.ListAsync(tenant, null, null, 10, Token)).Ok().Items.Single());
        Assert.Equal(new StorageUsage(107, 0, 100), (await files.GetUsageAsync(tenant, Token)).Ok());
        (await files.SetThumbnailAsync(tenant, "f1", new SetThumbnailRequest(2_000_000), Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await files.DeleteAsync(tenant, "f1", Token)).Ok();
        (await files.SetThumbnailAsync(tenant, "f1", new SetThumbnailRequest(7), Token)).Refused(404, ProblemTypes.FileNotFound);
        Assert.Equal(new StorageUsage(0, 0, 100), (await files.GetUsageAsync(tenant, Token)).Ok());
    }

    [Fact]
    public async Task SizeOfAnOlderPicture_IsLearntWithItsThumbnail()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token, quota: 100);
        (await app.Client.Files.ReserveAsync(tenant, New("f1", 10), Token)).Ok();
        (await app.Client.Files.CompleteAsync(tenant, "f1", new CompleteFileRequest(10, Hash, "image/png"), Token)).Ok();
        var none = (await app.Client.Files.SetThumbnailAsync(tenant, "f1", new SetThumbnailRequest(0, new PictureInfo(30, 20, Animated: true)), Token)).Ok();
        Assert.Equal((new PictureInfo(30, 20, Animated: true), 0), (none.Picture, none.ThumbnailBytes));
    }

    [Fact]
    public async Task QuotaHolds_WhenManyReserveAtOnceThroughTwoReplicas()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token, quota: 100);

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(index =>
            (index % 2 == 0 ? one : two).Client.Files.ReserveAsync(tenant, New($"f{index}", 10), Token)));

        Assert.Equal(10, results.Count(static result => result.IsSuccess));
        Assert.All(results.Where(static result => !result.IsSuccess), static result => result.Refused(413, ProblemTypes.QuotaExceeded));
        Assert.Equal(new StorageUsage(0, 100, 100), (await one.Client.Files.GetUsageAsync(tenant, Token)).Ok());
    }

    [Fact]
    public async Task ReservationEndsByItself_AndCannotBeCompletedThen()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token, quota: 100);
        var files = app.Client.Files;
        (await files.ReserveAsync(tenant, New("late", 100), Token)).Ok();
        (await files.ReserveAsync(tenant, New("next", 100), Token)).Refused(413, ProblemTypes.QuotaExceeded);
        Assert.Empty((await files.ListReapableAsync(100, Token)).Ok().Files);

        await EndReservationsAsync(database);

        (await files.CompleteAsync(tenant, "late", new CompleteFileRequest(1, Hash, "a/b"), Token)).Refused(404, ProblemTypes.FileNotFound);
        Assert.Equal("late", Assert.Single((await files.ListReapableAsync(100, Token)).Ok().Files).Id);
        (await files.ReserveAsync(tenant, New("next", 100), Token)).Ok();
    }

    [Fact]
    public async Task CompletionIsRefused_WhenTheFileGrewPastTheQuota()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token, quota: 100);
        (await app.Client.Files.ReserveAsync(tenant, New("f1", 10), Token)).Ok();
        (await app.Client.Files.ReserveAsync(tenant, New("f2", 50), Token)).Ok();

        (await app.Client.Files.CompleteAsync(tenant, "f1", new CompleteFileRequest(51, Hash, "a/b"), Token)).Refused(413, ProblemTypes.QuotaExceeded);
        (await app.Client.Files.CompleteAsync(tenant, "f1", new CompleteFileRequest(50, Hash, "a/b"), Token)).Ok();
    }

    [Fact]
    public async Task FilesAreListedByKey_AllOrOfOneOwner()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await app.Client.UserAsync(tenant, "bob", Token);
        foreach (var (id, owner) in new[] { ("f1", "admin"), ("f2", "bob"), ("f3", "admin"), ("f4", "admin") })
        {
            (await app.Client.Files.ReserveAsync(tenant, New(id, 1) with { Owner = owner }, Token)).Ok();
            if (id != "f4")
            {
                (await app.Client.Files.CompleteAsync(tenant, id, new CompleteFileRequest(1, Hash, "a/b"), Token)).Ok();
            }
        }

        var first = (await app.Client.Files.ListAsync(tenant, null, null, 2, Token)).Ok();
        Assert.Equal(["f1", "f2"], first.Items.Select(static file => file.Id));
        Assert.Equal("f2", first.Next);
        var second = (await app.Client.Files.ListAsync(tenant, null, first.Next, 2, Token)).Ok();
        Assert.Equal(["f3"], second.Items.Select(static file => file.Id));
        Assert.Null(second.Next);
        Assert.Equal(["f1", "f3"], (await app.Client.Files.ListAsync(tenant, "admin", null, 9, Token)).Ok().Items.Select(static file => file.Id));
        (await app.Client.Files.ReserveAsync(tenant, New("f9", 1) with { Owner = "nobody" }, Token)).Refused(404, ProblemTypes.UserNotFound);
        (await app.Client.Files.ReserveAsync(tenant, New("f1", 1), Token)).Refused(409, ProblemTypes.Conflict);
    }

    private static ReserveFileRequest New(string id, long bytes) => new(id, "admin", id + ".png", "image/png", bytes, 600);

    /// <summary>Reservations run by the database's clock; instead of waiting for it, the test moves them.</summary>
    private static async Task EndReservationsAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("UPDATE files SET reap_after = now() - interval '1 second' WHERE status = 'uploading'");
        await command.ExecuteNonQueryAsync(Token);
    }
}
