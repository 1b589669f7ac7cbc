using System.Text.Json;
using Contracts;
using Contracts.Users;
using Dbman.Directory;
using Dbman.Postgres;
using Npgsql;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class DirectoryTests(DataServers servers)
{
    private const int Many = 3_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UsersAreFoundByEitherName_EachOnce_ByTheNameThatComesFirst()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        var other = await app.Client.TenantAsync(Token);
        foreach (var (username, displayName) in new[]
        {
            ("anna", "Zora"), ("bob", "Anton"), ("ann", "Anne B"), ("zed", "Hans"), ("annz", "Annabel"), ("mia", "Annamaria \ud83d\ude42"), ("mia2", "annamaria \ud83d\ude42"), ("an", "An"),
        })
        {
            await CreateAsync(tenant, username, displayName);
        }

        await CreateAsync(other, "annother", "Anna of another tenant");
        string[] expected = ["an", "ann", "anna", "annz", "mia", "mia2", "bob"];
        foreach (var limit in new[] { 1, 2, 3, 100 })
        {
            Assert.Equal(expected, await NamesAsync("an", "AN", limit));
        }

        Assert.Equal(["zed"], await NamesAsync("han", "Han", 2));
        Assert.Equal(["mia", "mia2"], await NamesAsync(null, "annaMARIA \ud83d\ude42", 1));
        Assert.Empty(await NamesAsync("%", "%", 2));
        Assert.Equal(["admin", "an", "ann", "anna", "annz", "bob", "mia", "mia2", "zed"], await NamesAsync("", null, 2));

        (await app.Client.Directory.SetUserActiveAsync(tenant, "anna", new SetUserActiveRequest(false, "test"), Token)).Ok();
        Assert.DoesNotContain("anna", await NamesAsync("an", "an", 2));
        Assert.Equal(["anna"], await NamesAsync("an", "an", 2, deactivated: true));
        var found = (await app.Client.Directory.ListDirectoryAsync(tenant, "", null, deactivated: true, null, 10, Token)).Ok().Items.Single();
        Assert.Equal(UserStatuses.Deactivated, found.Status);
        (await app.Client.Directory.RemoveUserAsync(tenant, "anna", new RemoveUserRequest("test"), Token)).Ok();
        Assert.Empty(await NamesAsync("", null, 2, deactivated: true));

        foreach (var after in new[] { "x", "eA", "", Convert.ToBase64String("name\nno id!"u8) })
        {
            (await app.Client.Directory.ListDirectoryAsync(tenant, "", null, false, after, 10, Token)).Refused(400, ProblemTypes.InvalidRequest);
        }

        (await app.Client.Directory.ListDirectoryAsync(tenant, "", null, false, null, Limits.Page + 1, Token)).Refused(400, ProblemTypes.InvalidRequest);
        (await app.Client.Directory.ListDirectoryAsync("no-tenant", "", null, false, null, 10, Token)).Refused(404, ProblemTypes.TenantNotFound);

        async Task CreateAsync(string where, string username, string displayName) =>
            (await app.Client.Directory.CreateUserAsync(where, new CreateUserRequest(username, username, displayName, TenantRoles.Member, "hash"), Token)).Ok();

        async Task<List<string>> NamesAsync(string? username, string? displayName, int limit, bool deactivated = false)
        {
            List<string> names = [];
            string? after = null;
            do
            {
                var page = (await app.Client.Directory.ListDirectoryAsync(tenant, username, displayName, deactivated, after, limit, Token)).Ok();
                Assert.InRange(page.Items.Count, 0, limit);
                names.AddRange(page.Items.Select(static user => user.Username));
                after = page.Next;
            }
            while (after is not null);

            return names;
        }
    }

    /// <summary>All match, by both names, which are the same: a query that reads until it has enough by one name would read them all.</summary>
    [Fact]
    public async Task PageReadsAsManyRowsAsItsBound_WhateverTheNamesAre()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await database.ExecuteAsync(
            $"""
            INSERT INTO users (tenant_id, id, username, username_key, display_name, role)
            SELECT '{tenant}', 'u' || n, 'same' || n, 'SAME' || n, 'Same' || n, 'member' FROM generate_series(1, {Many}) n;
            ANALYZE users;
            """,
            Token);
        const int Limit = 20;
        var window = new DirectoryQuery("same", "same", Deactivated: false, After: null, Limit).Window;

        // As dbman's connections plan it: once, for whatever values come.
        string[] parameters = ["@after_id", "@tenant", "@username", "@display_name", "@deactivated", "@after", "@window"];
        var sql = parameters.Index().Aggregate(
            SqlText.Read("Directory/ListDirectory.sql"), static (text, name) => text.Replace(name.Item, $"${name.Index + 1}", StringComparison.Ordinal));
        await using var connection = await app.Get<NpgsqlDataSource>().OpenConnectionAsync(Token);
        await using var prepare = new NpgsqlCommand($"PREPARE page (text, text, text, text, boolean, text, integer) AS {sql}", connection);
        await prepare.ExecuteNonQueryAsync(Token);
        await using var explain = new NpgsqlCommand($"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page ('u15', '{tenant}', 'same', 'same', false, 'same15', {window})", connection);
        var plan = (string)(await explain.ExecuteScalarAsync(Token))!;

        var scans = new List<(string Index, double Rows, double Filtered)>();
        Walk(JsonDocument.Parse(plan).RootElement[0].GetProperty("Plan"));
        Assert.Equal(["users_by_display_name", "users_by_username"], scans.Select(static scan => scan.Index).Order(StringComparer.Ordinal));
        Assert.All(scans, scan => Assert.True(scan.Rows <= window && scan.Filtered == 0, plan));

        void Walk(JsonElement node)
        {
            if (node.TryGetProperty("Relation Name", out var relation) && relation.GetString() == "users")
            {
                scans.Add((
                    node.TryGetProperty("Index Name", out var index) ? index.GetString()! : node.GetProperty("Node Type").GetString()!,
                    node.GetProperty("Actual Rows").GetDouble(),
                    node.TryGetProperty("Rows Removed by Filter", out var filtered) ? filtered.GetDouble() : 0));
            }

            foreach (var child in node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray() : default)
            {
                Walk(child);
            }
        }
    }
}
