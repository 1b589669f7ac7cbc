using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Health;
using ServiceDefaults.Http;
using ServiceDefaults.Identity.Revocations;

namespace ServiceDefaults.Identity;

/// <summary>Who may call: users with access tokens, services with tokens of their own keys.</summary>
public static class IdentityExtensions
{
    /// <summary>
    /// Accepts users' access tokens under <see cref="Policies.User"/>. Public keys come from Session's JWKS, or from the
    /// <see cref="IUserKeySource"/> that was registered before.
    /// </summary>
    public static IHostApplicationBuilder AddUserAuthentication(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddIdentity();
        builder.AddValidatedOptions<UserTokenOptions>(UserTokenOptions.Section);
        builder.AddResilientHttpClient(HttpUserKeySource.ClientName);
        builder.Services.TryAddSingleton<IUserKeySource, HttpUserKeySource>();
        builder.Services.TryAddSingleton<UserKeyCache>();
        builder.Services.TryAddSingleton(services => new RevokedSessions(
            services.GetRequiredService<IOptions<UserTokenOptions>>(),
            services.GetRequiredService<IdentityTelemetry>(),
            services.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton(services => new UserTokens(
            services.GetRequiredService<UserKeyCache>(),
            services.GetRequiredService<RevokedSessions>(),
            services.GetRequiredService<IOptions<UserTokenOptions>>(),
            services.GetRequiredService<IdentityTelemetry>(),
            services.GetRequiredService<TimeProvider>()));
        AddScheme<UserTokenHandler>(builder, Schemes.User, Policies.User);
        return builder;
    }

    /// <summary>
    /// Refuses tokens of revoked sessions, which dbman lists; needs <see cref="AddUserAuthentication"/> and dbman's client. Not ready until it has
    /// read which were revoked before the start.
    /// </summary>
    public static IHostApplicationBuilder AddSessionRevocation(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHostedService<RevocationFeed>();
        builder.Services.AddHealthChecks().AddCheck<RevocationHealthCheck>("revocations", tags: [HealthTags.Ready]);
        return builder;
    }

    /// <summary>Accepts services under <see cref="Policies.Service"/>, each at the endpoints that name it (<see cref="AllowedCallersExtensions.AllowCallers"/>).</summary>
    public static IHostApplicationBuilder AddServiceAuthentication(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddServiceTokens(static options => options.Accepts = true);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuthorizationHandler, AllowedCallerRequirementHandler>());
        AddScheme<ServiceTokenHandler>(builder, Schemes.Service, Policies.Service, new AllowedCallerRequirement());
        return builder;
    }

    /// <summary>
    /// Accepts operators under <see cref="Policies.Operator"/>; needs <see cref="AddUserAuthentication"/>, <see cref="AddServiceAuthentication"/> and dbman's client.
    /// </summary>
    public static IHostApplicationBuilder AddOperatorAuthentication(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddOperatorTenant();
        builder.Services.TryAddSingleton<LiveSessions>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuthorizationHandler, OperatorRequirementHandler>());
        AddScheme<OperatorTokenHandler>(builder, Schemes.Operator, Policies.Operator, new OperatorRequirement());
        return builder;
    }

    /// <summary>Reads which tenant is the operators', and says loudly when it does not exist; needs dbman's client.</summary>
    public static IHostApplicationBuilder AddOperatorTenant(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddValidatedOptions<OperatorOptions>(OperatorOptions.Section);
        builder.Services.AddHostedService<OperatorTenantCheck>();
        return builder;
    }

    /// <summary>The rule of <see cref="Policies.Operator"/>, for a policy whose caller comes by another way than a bearer token.</summary>
    public static AuthorizationPolicyBuilder RequireOperator(this AuthorizationPolicyBuilder policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.RequireAuthenticatedUser().AddRequirements(new OperatorRequirement());
    }

    /// <summary>What a browser keeps for this service can be read by all of its replicas; see <see cref="Identity.ServiceDataProtection"/>.</summary>
    public static IHostApplicationBuilder AddServiceDataProtection(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddServiceTokens(static options => options.Signs = true);
        builder.Services.AddDataProtection();
        builder.Services.Replace(ServiceDescriptor.Singleton<IDataProtectionProvider, ServiceDataProtection>());
        return builder;
    }

    /// <summary>What both directions need: keys, checked at start, and who signs and checks with them.</summary>
    internal static void AddServiceTokens(this IHostApplicationBuilder builder, Action<ServiceKeyOptions> use)
    {
        builder.Services.Configure(use);
        if (builder.Services.Any(static service => service.ServiceType == typeof(ServiceTokens)))
        {
            return;
        }

        builder.AddIdentity();
        builder.AddValidatedOptions<ServiceKeyOptions>(ServiceKeyOptions.Section, options =>
        {
            options.PrivateKey = builder.Configuration.GetConnectionString(ServiceKeyOptions.PrivateConnectionName) ?? "";
            options.PublicKeys = builder.Configuration.GetConnectionString(ServiceKeyOptions.PublicConnectionName) ?? "";
            options.Name = builder.Environment.ApplicationName.ToLowerInvariant();
        });
        builder.Services.AddSingleton<IValidateOptions<ServiceKeyOptions>, ServiceKeyValidator>();
        builder.Services.AddSingleton<ServiceTokens>();
    }

    private static void AddIdentity(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<IdentityTelemetry>();
    }

    private static void AddScheme<THandler>(
        IHostApplicationBuilder builder, string scheme, string policy, params IAuthorizationRequirement[] requirements)
        where THandler : AuthenticationHandler<AuthenticationSchemeOptions>
    {
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, THandler>(scheme, null);
        var rule = new AuthorizationPolicyBuilder(scheme).RequireAuthenticatedUser().AddRequirements(requirements).Build();
        builder.Services.AddAuthorizationBuilder().AddPolicy(policy, rule);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EndpointAccessCheck>());
    }
}
