using System.Security.Cryptography;
using System.Text;
using Contracts.Sessions;
using Session.Keys;

namespace Tests.Session;

/// <summary>Private halves are of no use to whoever reads or changes the database.</summary>
public sealed class KeyProtectorTests
{
    private readonly KeyProtector _protector = new("a secret of the tests, at least 32 bytes");

    [Fact]
    public void PrivateKey_ComesBack_UnderTheSameSecretAndContext()
    {
        var secret = RandomNumberGenerator.GetBytes(138);
        var text = _protector.Protect(secret, "context");
        Assert.Equal(secret, _protector.Unprotect(text, "context"));
        Assert.Equal(secret, new KeyProtector("a secret of the tests, at least 32 bytes").Unprotect(text, "context"));
        Assert.NotEqual(text, _protector.Protect(secret, "context"));
    }

    [Fact]
    public void Nothing_ComesBack_WhenAnythingDiffers()
    {
        var text = _protector.Protect("private"u8, "context");
        Assert.Null(_protector.Unprotect(text, "another context"));
        Assert.Null(new KeyProtector("another secret of the tests, 32 bytes.").Unprotect(text, "context"));
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
    public void ShortSecret_IsRefused() => Assert.Throws<ArgumentException>(() => new KeyProtector("short"));

    [Fact]
    public void StoredKey_HoldsNoPrivatePartInTheClear()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var record = SigningKey.Create(new PlannedKey(now, now.AddDays(1), now.AddDays(2), now), _protector, TimeProvider.System);
        Assert.DoesNotContain("\"d\"", record.PublicJwk, StringComparison.Ordinal);
        Assert.NotNull(SigningKey.Read(record, _protector)?.Credentials);
        Assert.Null(SigningKey.Read(record, new KeyProtector("another secret of the tests, 32 bytes."))?.Credentials);
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
