using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>Tokens of the service credential, for a program that is no service: a command line.</summary>
public sealed class ServiceTokenSource
{
    private readonly ServiceTokens _tokens;

    private ServiceTokenSource(ServiceTokens tokens) => _tokens = tokens;

    /// <summary>Null when the secret is too short to be one.</summary>
    /// <param name="secret">What the services have as connection string <c>service-credential</c>.</param>
    /// <param name="name">Under which the program calls.</param>
    /// <param name="time">Clock.</param>
    public static ServiceTokenSource? TryCreate(string secret, string name, TimeProvider time) => ServiceSecret.Decode(secret) is null
        ? null
        : new ServiceTokenSource(new ServiceTokens(Options.Create(new ServiceCredentialOptions { Secret = secret, Name = name }), telemetry: null, time));

    /// <summary>A bearer token that is good for a minute at least.</summary>
    public string Issue() => _tokens.Issue();
}
