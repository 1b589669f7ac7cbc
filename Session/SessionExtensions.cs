using Contracts.Public;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using ServiceDefaults.Health;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;
using ServiceDefaults.Limits;
using Session.Accounts;
using Session.Keys;
using Session.Logins;
using Session.Passwords;
using Session.Revocations;
using Session.Sessions;
using Session.Throttling;
using Session.Tokens;

namespace Session;

/// <summary>What the service is made of.</summary>
internal static class SessionExtensions
{
    public static void AddSession(this WebApplicationBuilder builder)
    {
        builder.AddDbmanClient();
        builder.AddRealtimeClient();
        builder.AddSigningKeys();
        builder.AddUserAuthentication();
        builder.AddSessionRevocation();
        builder.AddOperatorTenant();

        builder.AddValidatedOptions<SignUpOptions>(SignUpOptions.Section);
        builder.AddValidatedOptions<PasswordOptions>(PasswordOptions.Section);
        builder.AddValidatedOptions<ThrottleOptions>(ThrottleOptions.Section);
        builder.AddValidatedOptions<SessionLifeOptions>(SessionLifeOptions.Section);
        builder.Services.AddOptions<SessionLifeOptions>().Validate<IOptions<UserTokenOptions>>(
            static (life, tokens) => life.AccessTokenLifetime <= tokens.Value.MaxLifetime,
            $"{SessionLifeOptions.Section}:{nameof(SessionLifeOptions.AccessTokenLifetime)} must not be longer than UserTokens:{nameof(UserTokenOptions.MaxLifetime)}, which every service has.");
        builder.AddValidatedOptions<AddressLimitOptions>(AddressLimitOptions.Section);
        builder.AddValidatedOptions<RevocationOptions>(RevocationOptions.Section);

        builder.Services.AddSingleton<LiveSessions>();
        builder.AddRateLimit(AccountEndpoints.SignUpRate, static options => (options.AddressBurst, options.AddressPerSecond) = (10, 1 / 600d));

        builder.Services.AddSingleton<SessionTelemetry>();
        builder.Services.AddSingleton<PasswordHashing>();
        builder.Services.AddSingleton<CredentialCheck>();
        builder.Services.AddSingleton<AddressLimiter>();
        builder.Services.AddSingleton<FailureLimiter>();
        builder.Services.AddSingleton<DeviceTokens>();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<SessionStarter>();
        builder.Services.AddSingleton<UserRemoval>();
        builder.Services.AddSingleton<RevocationNotifier>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<RevocationNotifier>());

        builder.Services.Configure<JsonOptions>(static options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, PublicJsonContext.Default);
            // A member that is written twice is read differently by different parsers, and never intended.
            options.SerializerOptions.AllowDuplicateProperties = false;
        });
    }

    public static void MapSession(this WebApplication app)
    {
        app.MapJwks();
        app.MapAccounts();
        app.MapLogins();
        app.MapSessions();
    }

    private static void AddSigningKeys(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<SigningKeyOptions>(SigningKeyOptions.Section);
        builder.Services.AddSingleton(ProtectionSecrets.Read(builder.Configuration));
        builder.Services.AddSingleton<KeyProtector>();
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<IUserKeySource>(static services => services.GetRequiredService<KeyRing>());
        builder.Services.AddHostedService<KeyRotation>();
        builder.Services.AddHealthChecks().AddCheck<KeyRingHealthCheck>("signing-keys", tags: [HealthTags.Ready, HealthTags.Startup]);
    }
}
