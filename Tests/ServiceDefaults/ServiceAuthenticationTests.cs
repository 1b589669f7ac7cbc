using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;

namespace Tests.ServiceDefaults;

public sealed class ServiceAuthenticationTests
{
    [Fact]
    public async Task KnowsTheCaller_WhenAServiceClientCalls()
    {
        await using var callee = await StartAsync();
        await using var caller = await ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new() { ["services:other:http:0"] = callee.Address.ToString(), ["ServiceCredential:Name"] = "chat" });

        var name = await caller.Get<OtherClient>().Http.GetStringAsync("/whoami", TestContext.Current.CancellationToken);
        Assert.Equal("chat", name);
    }

    [Theory]
    [InlineData("another secret, also long enough to be one", "internal", 5)]
    [InlineData(ServiceHost.Secret, "chat", 5)]
    [InlineData(ServiceHost.Secret, "internal", -5)]
    public async Task Is401_WhenTheCredentialIsWrong(string secret, string audience, int minutes)
    {
        await using var host = await StartAsync();
        using var response = await SendAsync(host, Token(secret, audience, minutes));

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task Is401_WhenAUserCalls()
    {
        using var issuer = new TestIssuer();
        await using var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IUserKeySource>(issuer);
                builder.AddUserAuthentication();
                builder.AddServiceAuthentication();
            },
            MapWhoAmI);
        using var response = await SendAsync(host, issuer.Token(audience: "internal"));

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task Is401_WhenThereIsNone()
    {
        await using var host = await StartAsync();
        using var response = await host.Client.GetAsync("/whoami", TestContext.Current.CancellationToken);

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task IsStillAccepted_WhileTheSecretIsBeingReplaced()
    {
        const string replacement = "the next secret, which is long enough as well";
        await using var host = await StartAsync(new()
        {
            ["ConnectionStrings:service-credential"] = replacement,
            ["ConnectionStrings:service-credential-previous"] = ServiceHost.Secret,
        });

        using var old = await SendAsync(host, Token(ServiceHost.Secret, "internal", 5));
        Assert.Equal(HttpStatusCode.OK, old.StatusCode);
        using var next = await SendAsync(host, Token(replacement, "internal", 5));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData("", "ConnectionStrings:service-credential: missing")]
    [InlineData("too short", "ConnectionStrings:service-credential: must hold at least 32 bytes")]
    public async Task EndsTheStart_WhenTheSecretIsMissingOrShort(string secret, string message)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new() { ["ConnectionStrings:service-credential"] = secret }));

        Assert.Contains(message, exception.Message);
    }

    [Fact]
    public async Task RenewsItsTokenBeforeItEnds_WhenTimePasses()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await ServiceHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.AddServiceAuthentication();
        });
        var tokens = host.Get<ServiceTokens>();

        var first = tokens.Issue();
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(first, tokens.Issue());
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first, tokens.Issue());
        Assert.NotNull(await tokens.ValidateAsync(first));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await tokens.ValidateAsync(first));
    }

    private static string Token(string secret, string audience, int minutes)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "chat",
            Audience = audience,
            Expires = now.AddMinutes(minutes),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), SecurityAlgorithms.HmacSha256),
        });
    }

    private static async Task<HttpResponseMessage> SendAsync(ServiceHost host, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/whoami") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static void MapWhoAmI(WebApplication app) =>
        app.MapGet("/whoami", (ClaimsPrincipal caller) => caller.ServiceName()).RequireAuthorization(Policies.Service);

    private static Task<ServiceHost> StartAsync(Dictionary<string, string?>? settings = null) =>
        ServiceHost.StartAsync(builder => builder.AddServiceAuthentication(), MapWhoAmI, settings: settings);
}
