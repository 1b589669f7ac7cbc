using System.Text.Json.Nodes;

namespace Tests.AppHost;

/// <summary>What deployment gets from the AppHost.</summary>
public sealed class ManifestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ManifestIsTheSame_HoweverItIsAskedFor()
    {
        var first = await PublishAsync("--publisher", "manifest");

        Assert.True(JsonNode.DeepEquals(first, await PublishAsync("--operation", "publish", "--publisher", "manifest")));
        Assert.True(JsonNode.DeepEquals(first, await PublishAsync("--operation", "publish", "--step", "publish-manifest")));
    }

    [Fact]
    public async Task ManifestNamesImagesProjectsAndSecrets()
    {
        var resources = (await PublishAsync("--publisher", "manifest"))["resources"]!;

        Assert.Equal("container.v0", Text(resources, "postgres", "type"));
        Assert.StartsWith("docker.io/library/postgres:", Text(resources, "postgres", "image"), StringComparison.Ordinal);
        Assert.Equal(
            "Host={postgres.bindings.tcp.host};Port={postgres.bindings.tcp.port};Username=postgres;Password={postgres-password.value}",
            Text(resources, "postgres", "connectionString"));
        Assert.Equal(5432, (int)resources["postgres"]!["bindings"]!["tcp"]!["targetPort"]!);
        Assert.NotEmpty(resources["postgres"]!["volumes"]!.AsArray());
        Assert.Equal("container.v0", Text(resources, "redis", "type"));
        Assert.Contains(",password={redis-password.value}", Text(resources, "redis", "connectionString"), StringComparison.Ordinal);
        Assert.Equal("value.v0", Text(resources, "dbman-db", "type"));
        Assert.Equal("{postgres.connectionString};Database=dbman-db", Text(resources, "dbman-db", "connectionString"));
        foreach (var parameter in (string[])["postgres-password", "redis-password", "service-keys", "realtime-key", "session-key", "chat-key", "fileman-key", "signing-key-protection"])
        {
            Assert.Equal("parameter.v0", Text(resources, parameter, "type"));
            var input = resources[parameter]!["inputs"]!["value"]!;
            Assert.True((bool)input["secret"]!);
            Assert.True((int)input["default"]!["generate"]!["minLength"]! >= 22);
        }

        foreach (var (name, project) in new[] { ("dbman", "Dbman"), ("realtime", "Layouts"), ("session", "Session"), ("chat", "Chat"), ("fileman", "Fileman") })
        {
            Assert.Equal("project.v0", Text(resources, name, "type"));
            var path = Path.GetFullPath(Path.Combine(Path.GetTempPath(), Text(resources, name, "path")));
            Assert.True(File.Exists(path), path);
            Assert.EndsWith($"{project}.csproj", path, StringComparison.Ordinal);
            var environment = resources[name]!["env"]!;
            Assert.Equal("{service-keys.value}", (string?)environment["ConnectionStrings__service-keys"]);
            Assert.Equal(name == "dbman" ? null : $"{{{name}-key.value}}", (string?)environment["ConnectionStrings__service-key"]);
            Assert.Equal(name == "session" ? "{signing-key-protection.value}" : null, (string?)environment["ConnectionStrings__signing-key-protection"]);
            Assert.Equal($"{{{name}.bindings.http.targetPort}}", (string?)environment["HTTP_PORTS"]);
            Assert.Equal("true", (string?)environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"]);
            Assert.Equal("8081", (string?)environment["Management__Port"]);
            Assert.Equal(name == "dbman" ? null : "{dbman.bindings.http.url}", (string?)environment["services__dbman__http__0"]);
            var binding = Assert.Single(resources[name]!["bindings"]!.AsObject());
            Assert.Equal("http", binding.Key);
            Assert.Equal(8080, (int)binding.Value!["targetPort"]!);
            Assert.Equal(name != "dbman", (bool?)binding.Value["external"] ?? false);
        }

        // The operator's key is in no pod.
        Assert.Null(resources["operator-key"]);

        // The deployment decides where services are: nothing from a developer's machine gets into it.
        Assert.DoesNotContain("localhost", resources.ToJsonString(), StringComparison.OrdinalIgnoreCase);

        Assert.Equal("{dbman-db.connectionString}", (string?)resources["dbman"]!["env"]!["ConnectionStrings__dbman-db"]);
        Assert.Equal("{redis.connectionString}", (string?)resources["realtime"]!["env"]!["ConnectionStrings__redis"]);
    }

    private static string Text(JsonNode resources, string resource, string property) => (string?)resources[resource]?[property] ?? string.Empty;

    private static async Task<JsonNode> PublishAsync(params string[] arguments) => JsonNode.Parse(await AppHostProgram.PublishAsync(arguments, Token))!;
}
