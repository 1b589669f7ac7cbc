using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Tests.Native;

/// <summary>What a process gets to know: launch profile, references, parameters, arguments.</summary>
public sealed class EnvironmentTests
{
    private static CancellationToken Token => App.Token;

    [Fact]
    public async Task ProjectKnowsWhatItRefersTo()
    {
        await using var app = await App.StartAsync(
            builder =>
            {
                var password = builder.AddParameter("pass-word", "p/w 1", secret: true);
                var redis = builder.AddRedis("redis", password: password);
                var database = builder.AddPostgres("postgres", password: password).AddDatabase("some-db", "actual");
                var other = builder.AddProject("web-a", App.WebProject);
                builder.AddProject("web-b", App.WebProject)
                    .WithArgs("--one", "two")
                    .WithReference(redis)
                    .WithReference(database)
                    .WithReference(other)
                    .WithReference("away", new Uri("https://away.example/"))
                    .WithEnvironment("TEXT", "text")
                    .WithEnvironment("PARAMETER", password)
                    .WithEnvironment("MIXED", $"at {other.GetEndpoint("http")} with {password}")
                    .WithEnvironment("CALLED", () => "back")
                    .WithEnvironment(context => context.EnvironmentVariables["RESOURCE"] = context.Resource.Name)
                    .WithHttpHealthCheck("/health/ready");
            },
            Token);
        await app.Notifications.WaitForResourceHealthyAsync("web-b", Token);
        using var client = app.Application.CreateHttpClient("web-b", "http");
        var seen = await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", Token);
        Assert.NotNull(seen);
        var webA = app.Application.GetEndpoint("web-a", "http").ToString().TrimEnd('/');

        Assert.Equal(await app.Application.GetConnectionStringAsync("redis", Token), seen["ConnectionStrings__redis"]);
        Assert.Equal(await app.Application.GetConnectionStringAsync("some-db", Token), seen["ConnectionStrings__some-db"]);
        Assert.EndsWith(";Database=actual", seen["ConnectionStrings__some-db"], StringComparison.Ordinal);
        Assert.Equal("p/w 1", seen["SOME_DB_PASSWORD"]);
        Assert.Equal("actual", seen["SOME_DB_DATABASENAME"]);
        Assert.Equal("postgres", seen["SOME_DB_USERNAME"]);
        Assert.Equal($"postgresql://postgres:p%2Fw%201@{seen["SOME_DB_HOST"]}:{seen["SOME_DB_PORT"]}/actual", seen["SOME_DB_URI"]);
        Assert.Equal($"jdbc:postgresql://{seen["SOME_DB_HOST"]}:{seen["SOME_DB_PORT"]}/actual", seen["SOME_DB_JDBCCONNECTIONSTRING"]);
        Assert.Equal("p/w 1", seen["REDIS_PASSWORD"]);
        Assert.Equal(webA, seen["services__web-a__http__0"]);
        Assert.Equal(webA, seen["WEB_A_HTTP"]);
        Assert.Equal("https://away.example/", seen["services__away__default__0"]);
        Assert.Equal("text", seen["TEXT"]);
        Assert.Equal("p/w 1", seen["PARAMETER"]);
        Assert.Equal($"at {webA} with p/w 1", seen["MIXED"]);
        Assert.Equal("back", seen["CALLED"]);
        Assert.Equal("web-b", seen["RESOURCE"]);
        Assert.Equal("yes", seen["FROM_PROFILE"]);
        Assert.Equal("http", seen["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal("Development", seen["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("web-b", seen["OTEL_SERVICE_NAME"]);
        Assert.Contains("service.instance.id=", seen["OTEL_RESOURCE_ATTRIBUTES"], StringComparison.Ordinal);
        Assert.StartsWith("http://localhost:", seen["ASPNETCORE_URLS"], StringComparison.Ordinal);
        var arguments = await client.GetFromJsonAsync<string[]>("/arguments", Token);
        Assert.NotNull(arguments);
        Assert.Equal(["--one", "two"], arguments);
    }

    [Fact]
    public async Task PortsAreNotTheFixedOnes_InTests()
    {
        await using var app = await App.StartAsync(builder => builder.AddProject("web", App.WebProject), Token);

        Assert.NotEqual(5199, app.Application.GetEndpoint("web", "http").Port);
    }

    [Fact]
    public async Task ResourceFailsWithTheParametersName_WhenItHasNoValue()
    {
        await using var app = await App.StartAsync(
            builder => builder.AddExecutable("worker", "sleep", ".", "600").WithEnvironment("X", builder.AddParameter("absent")), Token);

        var failed = await app.Notifications.WaitForResourceAsync("worker", KnownResourceStates.TerminalStates, Token);

        Assert.Equal(KnownResourceStates.FailedToStart, failed);
    }

    [Fact]
    public void GeneratedValueHasTheAskedLengthAndCharacters()
    {
        var value = new GenerateParameterDefault { MinLength = 40, Special = false, Upper = false, MinNumeric = 5 }.GetDefaultValue();

        Assert.Equal(40, value.Length);
        Assert.True(value.Count(char.IsAsciiDigit) >= 5, value);
        Assert.All(value, c => Assert.True(char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c)));
    }
}
