using System.Security.Cryptography;
using Contracts;
using Contracts.Sessions;
using Microsoft.IdentityModel.Tokens;

namespace Session.Keys;

/// <summary>A stored key as this replica knows it. Immutable; lives as long as it is published, and then until the collector takes it, as a request may still sign with it.</summary>
/// <param name="Record">As stored.</param>
/// <param name="Jwk">Public half.</param>
/// <param name="Credentials">What signs; null where the private half cannot be decrypted.</param>
internal sealed record SigningKey(SigningKeyRecord Record, PublicJwk Jwk, SigningCredentials? Credentials)
{
    public string Kid => Record.Kid;

    /// <summary>A new key, ready to be stored.</summary>
    public static SigningKeyRecord Create(PlannedKey plan, KeyProtector protector, TimeProvider time)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var kid = Ids.New(time);
        var jwk = PublicJwk.Of(kid, ecdsa).ToString();
        var secret = ecdsa.ExportPkcs8PrivateKey();
        try
        {
            return new SigningKeyRecord(
                kid, PublicJwk.Algorithm, jwk, protector.Protect(secret, jwk), plan.NotBefore, plan.SignsUntil, plan.PublishedUntil);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Reads a stored key; null when its algorithm or its public half is not valid.</summary>
    public static SigningKey? Read(SigningKeyRecord record, KeyProtector protector)
    {
        if (record.Algorithm != PublicJwk.Algorithm || PublicJwk.Parse(record.PublicJwk, record.Kid) is not { } jwk)
        {
            return null;
        }

        if (protector.Unprotect(record.ProtectedPrivateKey, record.PublicJwk) is not { } secret)
        {
            return new SigningKey(record, jwk, Credentials: null);
        }

        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportPkcs8PrivateKey(secret, out _);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        // Each replica and each reading has a key object of its own, so the library's process-wide cache of signers must not look them up by id.
        var key = new ECDsaSecurityKey(ecdsa) { KeyId = record.Kid, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = true } };
        return new SigningKey(record, jwk, new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256));
    }
}
