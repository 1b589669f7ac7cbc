using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>Service tokens for a program that is no service: a command line.</summary>
public sealed class ServiceTokenSource
{
    private readonly ServiceTokens _tokens;
    private readonly string _callee;

    private ServiceTokenSource(ServiceTokens tokens, string callee)
    {
        _tokens = tokens;
        _callee = callee;
    }

    /// <summary>Null when the text is no private key.</summary>
    /// <param name="key">Base64 of a PKCS#8 private key on the curve P-256.</param>
    /// <param name="name">Under which the program calls: whose key it is.</param>
    /// <param name="callee">Name of the service that it calls.</param>
    /// <param name="time">Clock.</param>
    public static ServiceTokenSource? TryCreate(string key, string name, string callee, TimeProvider time) => ServiceKey.ReadPrivate(key) is null
        ? null
        : new ServiceTokenSource(new ServiceTokens(Options.Create(new ServiceKeyOptions { PrivateKey = key, Name = name, Signs = true }), telemetry: null, time), callee);

    /// <summary>A bearer token that is good for a minute at least.</summary>
    public string Issue() => _tokens.Issue(_callee);
}
