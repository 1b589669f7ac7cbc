using System.Net.Http.Headers;
using Contracts.Dbman;
using Contracts.Files;
using Contracts.Users;
using Fileman;
using Microsoft.Extensions.DependencyInjection;
using Tests.Dbman;
using Tests.Fileman.Blobs;
using Tests.Infrastructure;

namespace Tests.Fileman;

/// <summary>Real PostgreSQL, real Dbman, and Fileman over a folder, or over S3. One for all tests of a class; each makes its own tenant.</summary>
public sealed class FilemanSystem(DataServers servers) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fileman-");
    private TestDatabase _database = null!;

    internal DbmanApp Dbman { get; private set; } = null!;

    /// <summary>The replica for tests that need no other; its reaper sleeps.</summary>
    internal RunningService<FilemanTelemetry> Fileman { get; private set; } = null!;

    internal DbmanClient Store => Dbman.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync(Token);
        Dbman = await DbmanApp.StartAsync(_database, Token);
        Fileman = StartFileman();
    }

    public async ValueTask DisposeAsync()
    {
        await Fileman.DisposeAsync();
        await Dbman.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    internal static (string, string)[] S3(S3Server server) =>
    [
        ("Blobs:Store", "S3"),
        ("Blobs:Bucket", "contents"),
        ("Blobs:ServiceUrl", server.Address.ToString()),
        ("Blobs:ForcePathStyle", "true"),
        ("Blobs:AccessKey", "key"),
        ("Blobs:SecretKey", "secret"),
        ("Blobs:PartBytes", (5 * 1_024 * 1_024).ToString()),
        ("Blobs:MaxRetries", "0"),
    ];

    /// <summary>One more replica on the same folder.</summary>
    internal RunningService<FilemanTelemetry> StartFileman(params IEnumerable<(string Key, string Value)> settings) => StartFileman(settings, services: null);

    internal RunningService<FilemanTelemetry> StartFileman(IEnumerable<(string Key, string Value)> settings, Action<IServiceCollection>? services)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["services:dbman:http:0"] = Dbman.Address.ToString(),
            ["Blobs:Folder"] = _folder.FullName,
            ["Uploads:MaxBytes"] = "20000000",
            ["Blobs:MinFreeBytes"] = "0",

            // These tests do not depend on the load of the machine.
            ["Pictures:Timeout"] = "00:10:00",
            ["Reaper:Interval"] = "1.00:00:00",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return RunningService<FilemanTelemetry>.Start(all, services);
    }

    internal async Task<TestTenant> CreateTenantAsync(long quota = 1_000_000_000, RunningService<FilemanTelemetry>? fileman = null)
    {
        var tenant = await Store.TenantAsync(Token, quota);
        await Store.UserAsync(tenant, "ann", Token);
        await Store.UserAsync(tenant, "bob", Token);
        return new TestTenant(
            tenant,
            user => new Caller((fileman ?? Fileman).Address, tenant, user, user == "admin" ? TenantRoles.Admin : TenantRoles.Member));
    }

    /// <summary>Files on the disk, finished or not, of a tenant.</summary>
    internal List<string> OnDisk(string tenant) =>
        [.. _folder.GetFiles("*", SearchOption.AllDirectories).Select(static file => file.Name).Where(name => name.StartsWith($"t.{tenant}.", StringComparison.Ordinal))];

    internal async Task<StorageUsage> UsageAsync(string tenant) => (await Store.Files.GetUsageAsync(tenant, Token)).Ok();

    /// <summary>Waits until the tenant has nothing reserved: an upload that failed has been given back.</summary>
    internal Task WaitForNoReservationAsync(string tenant) => Eventually.ClearAsync(async () =>
        await UsageAsync(tenant) is { ReservedBytes: > 0 } usage ? $"still reserved: {usage}" : null);

    /// <summary>Waits until the tenant has so many files on the disk.</summary>
    internal Task WaitForDiskAsync(string tenant, int files) => Eventually.ClearAsync(() =>
        Task.FromResult(OnDisk(tenant) is var there && there.Count == files ? null : $"on disk: {string.Join(", ", there)}"));
}

internal static class FileCalls
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<HttpResponseMessage> UploadAsync(this Caller caller, byte[] bytes, string type = "text/plain", string? name = null) =>
        caller.UploadAsync(new ByteArrayContent(bytes), type, name);

    public static async Task<HttpResponseMessage> UploadAsync(this Caller caller, HttpContent content, string? type, string? name = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = content };
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (name is not null)
        {
            request.Headers.Add("X-File-Name", Uri.EscapeDataString(name));
        }

        return await caller.Http.SendAsync(request, Token);
    }

    /// <summary>Id of a file that was uploaded now.</summary>
    public static async Task<string> UploadedAsync(this Caller caller, byte[] bytes, string type = "text/plain", string? name = null)
    {
        var file = await Caller.ReadAsync(caller.UploadAsync(bytes, type, name), 201);
        return file.GetProperty("id").GetString()!;
    }

    public static async Task<HttpResponseMessage> DownloadAsync(this Caller caller, string file, Action<HttpRequestHeaders>? headers = null, HttpMethod? method = null, string query = "")
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"/v1/files/{file}/content{query}");
        headers?.Invoke(request.Headers);
        return await caller.Http.SendAsync(request, Token);
    }
}
