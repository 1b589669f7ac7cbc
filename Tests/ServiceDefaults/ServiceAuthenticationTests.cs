using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

/// <summary>A service is who it claims to be, calls only services it has a token for, and only endpoints that allow it.</summary>
public sealed class ServiceAuthenticationTests
{
    private const string Callee = "other";

    private static readonly (string Private, string Public) Other = TestKeys.New();

    /// <summary>Tokens of no service, or for another service.</summary>
    private static readonly Dictionary<string, Func<string>> Wrong = new(StringComparer.Ordinal)
    {
        ["signed by a key that nobody has listed"] = () => Token(Other.Private),
        ["in the name of another service"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), issuer: ServiceNames.Session),
        ["in the name of nobody known"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), issuer: "chat2"),
        ["without a name"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), issuer: null),
        ["that another service was given"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), audience: ServiceNames.Dbman),
        ["for nobody"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), audience: null),
        ["that has ended"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), minutes: -5),
        ["of another kind"] = () => Token(TestKeys.PrivateOf(ServiceNames.Chat), type: "JWT"),
        ["signed with the public key as a secret"] = () => Sign(new SymmetricSecurityKey(Convert.FromBase64String(TestKeys.PublicOf(ServiceNames.Chat))), SecurityAlgorithms.HmacSha256),
        ["signed with the text of all public keys as a secret"] = () => Sign(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(TestKeys.Public)), SecurityAlgorithms.HmacSha256),
        ["not signed"] = () => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor { TokenType = "service+jwt", Issuer = ServiceNames.Chat, Audience = Callee }),
        ["too long"] = () => new string('x', 10_000),
        ["that is none"] = () => "a.b.c",
    };

    public static TheoryData<string> WrongTokens => [.. Wrong.Keys];

    [Fact]
    public async Task KnowsTheCaller_WhenAServiceClientCalls()
    {
        await using var callee = await StartAsync();
        await using var caller = await ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new() { ["services:other:http:0"] = callee.Address.ToString(), ["ServiceKeys:Name"] = ServiceNames.Chat });

        var name = await caller.Get<OtherClient>().Http.GetStringAsync("/whoami", TestContext.Current.CancellationToken);
        Assert.Equal(ServiceNames.Chat, name);
    }

    [Theory]
    [MemberData(nameof(WrongTokens))]
    public async Task Is401_WhenTheTokenIs(string token)
    {
        await using var host = await StartAsync();
        using var response = await SendAsync(host, Wrong[token]());

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
        Assert.Empty(host.Logs.Errors);
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
            MapWhoAmI,
            settings: new() { ["ServiceKeys:Name"] = ServiceNames.Chat });

        // Issuer and audience of a user's token are names of services too.
        using var response = await SendAsync(host, issuer.Token());

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task Is401_WhenThereIsNone()
    {
        await using var host = await StartAsync();
        using var response = await host.Client.GetAsync("/whoami", TestContext.Current.CancellationToken);

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Theory]
    [InlineData("/whoami", ServiceNames.Chat, true)]
    [InlineData("/whoami", ServiceNames.Fileman, false)]
    [InlineData("/sessions", ServiceNames.Session, true)]
    [InlineData("/sessions", ServiceNames.Chat, false)]
    public async Task Is403_WhenTheEndpointDoesNotNameTheCaller(string path, string caller, bool isAllowed)
    {
        await using var host = await StartAsync();
        using var response = await SendAsync(host, Token(TestKeys.PrivateOf(caller), issuer: caller), path);
        if (isAllowed)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            await response.ProblemAsync(403, ProblemTypes.Forbidden);
        }
    }

    [Fact]
    public async Task EndsTheStart_WhenAnEndpointForServicesNamesNone()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceHost.StartAsync(
            builder => builder.AddServiceAuthentication(),
            app => app.MapGet("/forgotten", static () => "").RequireAuthorization(Policies.Service)));

        Assert.Contains("AllowCallers", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/forgotten", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The rotation of the runbook, step by step.</summary>
    [Fact]
    public async Task BothKeysAreTaken_WhileBothAreListed_AndARemovedOneIsNot()
    {
        var next = TestKeys.New();
        var old = (Private: TestKeys.PrivateOf(ServiceNames.Chat), Public: TestKeys.PublicOf(ServiceNames.Chat));

        await using (var before = await StartAsync(listed: $"{ServiceNames.Chat}={old.Public}"))
        {
            Assert.Equal((200, 401), await CallAsync(before));
        }

        await using (var between = await StartAsync(listed: $"{ServiceNames.Chat}={next.Public},{old.Public}"))
        {
            Assert.Equal((200, 200), await CallAsync(between));
        }

        await using (var after = await StartAsync(listed: $"{ServiceNames.Chat}={next.Public}"))
        {
            Assert.Equal((401, 200), await CallAsync(after));
        }

        async Task<(int Old, int Next)> CallAsync(ServiceHost host)
        {
            using var withOld = await SendAsync(host, Token(old.Private));
            using var withNext = await SendAsync(host, Token(next.Private));
            return ((int)withOld.StatusCode, (int)withNext.StatusCode);
        }
    }

    [Theory]
    [InlineData("", "ConnectionStrings:service-keys: missing")]
    [InlineData("chat", "each entry must be NAME=KEY")]
    [InlineData("Chat=KEY", "each entry must be NAME=KEY")]
    [InlineData("chat=", "'chat' must have one key, or two")]
    [InlineData("chat=KEY,KEY,KEY", "'chat' must have one key, or two")]
    [InlineData("chat=KEY;chat=KEY", "'chat' is there twice")]
    [InlineData("chat=AAAA", "a key of 'chat' is no base64")]
    [InlineData("chat=P384", "a key of 'chat' is no base64 of a SubjectPublicKeyInfo on the curve P-256")]
    [InlineData("chat=PRIVATE", "a key of 'chat' is no base64")]
    public async Task EndsTheStart_WhenPublicKeysAreMissingOrWrong(string keys, string message)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var listed = keys.Replace("KEY", Other.Public, StringComparison.Ordinal)
            .Replace("P384", Convert.ToBase64String(other.ExportSubjectPublicKeyInfo()), StringComparison.Ordinal)
            .Replace("PRIVATE", Other.Private, StringComparison.Ordinal);
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(listed));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Other.Private, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ConnectionStrings:service-key: missing")]
    [InlineData("no key", "ConnectionStrings:service-key: must be the base64 of a PKCS#8 private key")]
    [InlineData("ANOTHER", "does not list the public half of ConnectionStrings:service-key under 'chat'")]
    public async Task EndsTheStart_WhenTheOwnKeyIsMissingOrWrong(string key, string message)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceHost.StartAsync(
            builder => builder.AddOtherClient(),
            settings: new()
            {
                ["ServiceKeys:Name"] = ServiceNames.Chat,
                ["ConnectionStrings:service-key"] = key.Replace("ANOTHER", Other.Private, StringComparison.Ordinal),
            }));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatABrowserKeeps_IsReadByReplicasOfTheService_AndByNoOther()
    {
        await using var first = await ConsoleAsync(ServiceNames.Realtime);
        await using var second = await ConsoleAsync(ServiceNames.Realtime);
        await using var other = await ConsoleAsync(ServiceNames.Chat);
        var cookie = Protector(first).Protect("operator");

        Assert.Equal("operator", Protector(second).Unprotect(cookie));
        Assert.Throws<CryptographicException>(() => Protector(other).Unprotect(cookie));
        Assert.Throws<CryptographicException>(() => second.Get<IDataProtectionProvider>().CreateProtector("another purpose").Unprotect(cookie));

        static IDataProtector Protector(ServiceHost host) => host.Get<IDataProtectionProvider>().CreateProtector("cookies");

        static Task<ServiceHost> ConsoleAsync(string name) =>
            ServiceHost.StartAsync(static builder => builder.AddServiceDataProtection(), settings: new() { ["ServiceKeys:Name"] = name });
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

        var first = tokens.Issue(TestKeys.Tests);
        Assert.NotEqual(first, tokens.Issue(ServiceNames.Dbman));
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Same(first, tokens.Issue(TestKeys.Tests));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first, tokens.Issue(TestKeys.Tests));
        var known = await tokens.ValidateAsync(first);
        Assert.NotNull(known);
        Assert.Same(known, await tokens.ValidateAsync(first));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await tokens.ValidateAsync(first));
    }

    private static string Token(string key, string? issuer = ServiceNames.Chat, string? audience = Callee, int minutes = 5, string type = "service+jwt") =>
        Sign(ServiceKey.ReadPrivate(key)!, SecurityAlgorithms.EcdsaSha256, issuer, audience, minutes, type);

    private static string Sign(
        SecurityKey key, string algorithm, string? issuer = ServiceNames.Chat, string? audience = Callee, int minutes = 5, string type = "service+jwt") =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = type,
            Issuer = issuer,
            Audience = audience,
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(minutes),
            SigningCredentials = new SigningCredentials(key, algorithm),
        });

    private static async Task<HttpResponseMessage> SendAsync(ServiceHost host, string token, string path = "/whoami")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static void MapWhoAmI(WebApplication app)
    {
        var services = app.MapGroup("").RequireAuthorization(Policies.Service).AllowCallers(ServiceNames.Chat);
        services.MapGet("/whoami", static (ClaimsPrincipal caller) => caller.ServiceName());
        services.MapGet("/sessions", static () => "").AllowCallers(ServiceNames.Session);
    }

    private static Task<ServiceHost> StartAsync(string? listed = null) => ServiceHost.StartAsync(
        static builder => builder.AddServiceAuthentication(),
        MapWhoAmI,
        settings: new()
        {
            ["ServiceKeys:Name"] = Callee,
            ["ConnectionStrings:service-key"] = "",
            ["ConnectionStrings:service-keys"] = listed ?? TestKeys.Public,
        });
}
