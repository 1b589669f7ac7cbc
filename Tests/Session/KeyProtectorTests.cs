using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Contracts.Sessions;
using Microsoft.Extensions.Configuration;
using Session.Keys;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Private halves are of no use to an attacker who reads or changes the database.</summary>
public sealed class KeyProtectorTests
{
    private static readonly byte[] Secret = "a secret of the tests, at least 32 bytes"u8.ToArray();
    private static readonly byte[] Another = "another secret of the tests, 32 bytes."u8.ToArray();

    private readonly KeyProtector _protector = new(new ProtectionSecrets(Secret));

    [Fact]
    public void PrivateKey_ComesBack_UnderTheSameSecretAndContext()
    {
        var secret = RandomNumberGenerator.GetBytes(138);
        var text = _protector.Protect(secret, "context");
        Assert.Equal(secret, _protector.Unprotect(text, "context"));
        Assert.Equal(secret, new KeyProtector(new ProtectionSecrets(Secret)).Unprotect(text, "context"));
        Assert.NotEqual(text, _protector.Protect(secret, "context"));
    }

    [Fact]
    public void Nothing_ComesBack_WhenAnythingDiffers()
    {
        var text = _protector.Protect("private"u8, "context");
        Assert.Null(_protector.Unprotect(text, "another context"));
        Assert.Null(new KeyProtector(new ProtectionSecrets(Another)).Unprotect(text, "context"));
        Assert.Null(_protector.Unprotect(text[..^2], "context"));
        Assert.Null(_protector.Unprotect("", "context"));
        Assert.Null(_protector.Unprotect("not base64url!", "context"));
        for (var i = 0; i < text.Length - 1; i++)
        {
            var changed = new StringBuilder(text);
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Null(_protector.Unprotect(changed.ToString(), "context"));
        }
    }

    [Fact]
    public void PrivateKey_ComesBack_WhileItsSecretIsThePreviousOne()
    {
        var old = _protector.Protect("private"u8, "context");
        var next = new KeyProtector(new ProtectionSecrets(Another, Previous: Secret));
        Assert.Equal("private"u8.ToArray(), next.Unprotect(old, "context"));

        // Keys made meanwhile outlive the old secret.
        var made = next.Protect("private"u8, "context");
        Assert.Equal("private"u8.ToArray(), new KeyProtector(new ProtectionSecrets(Another)).Unprotect(made, "context"));
        Assert.Null(_protector.Unprotect(made, "context"));
    }

    /// <summary>As it is in databases: version 1, nonce, tag, ciphertext; the key of AES by HKDF-SHA256; the context as associated data.</summary>
    [Fact]
    public void StoredKey_ComesBack_AsItWasAlwaysStored()
    {
        byte[] stored = [1, .. RandomNumberGenerator.GetBytes(12), .. new byte[16 + 7]];
        using (var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, Secret, 32, info: "session/signing-key-protection/v1"u8.ToArray()), 16))
        {
            aes.Encrypt(stored.AsSpan(1, 12), "private"u8, stored.AsSpan(29), stored.AsSpan(13, 16), "context"u8);
        }

        Assert.Equal("private"u8.ToArray(), _protector.Unprotect(Base64Url.EncodeToString(stored), "context"));
    }

    [Theory]
    [InlineData(null, null, "ConnectionStrings:signing-key-protection must")]
    [InlineData("short", null, "ConnectionStrings:signing-key-protection must")]
    [InlineData("a secret of the tests, at least 32 bytes", "short", "ConnectionStrings:signing-key-protection-previous must")]
    public void MissingOrShortSecret_EndsTheStart(string? secret, string? previous, string message)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:signing-key-protection"] = secret,
            ["ConnectionStrings:signing-key-protection-previous"] = previous,

            // No other secret works.
            ["ConnectionStrings:service-key"] = TestKeys.PrivateOf("session"),
        }).Build();
        Assert.StartsWith(message, Assert.Throws<InvalidOperationException>(() => ProtectionSecrets.Read(configuration)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StoredKey_HoldsNoPrivatePartInTheClear()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var record = SigningKey.Create(new PlannedKey(now, now.AddDays(1), now.AddDays(2), now), _protector, TimeProvider.System);
        Assert.DoesNotContain("\"d\"", record.PublicJwk, StringComparison.Ordinal);
        Assert.NotNull(SigningKey.Read(record, _protector)?.Credentials);
        Assert.Null(SigningKey.Read(record, new KeyProtector(new ProtectionSecrets(Another)))?.Credentials);
    }

    [Fact]
    public void PublicHalf_IsPublishedWithoutUnknownMembers_WhateverIsStored()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var record = SigningKey.Create(new PlannedKey(now, now.AddDays(1), now.AddDays(2), now), _protector, TimeProvider.System);
        SigningKeyRecord planted = record with { PublicJwk = record.PublicJwk.Replace("}", ",\"d\":\"leaked\"}", StringComparison.Ordinal) };
        var key = SigningKey.Read(planted, _protector);
        Assert.NotNull(key);
        Assert.DoesNotContain("leaked", Encoding.UTF8.GetString(KeySnapshot.Of([key], now).Jwks), StringComparison.Ordinal);
    }
}
