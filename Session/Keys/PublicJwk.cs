using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Session.Keys;

/// <summary>A public P-256 key as RFC 7517 writes it. It has no member for a private half, so none can be published.</summary>
internal sealed record PublicJwk(
    [property: JsonPropertyName("kty")] string Kty,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Alg,
    [property: JsonPropertyName("crv")] string Crv,
    [property: JsonPropertyName("kid")] string Kid,
    [property: JsonPropertyName("x")] string X,
    [property: JsonPropertyName("y")] string Y)
{
    public const string Algorithm = "ES256";

    public static PublicJwk Of(string kid, ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new PublicJwk("EC", "sig", Algorithm, "P-256", kid, Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
    }

    /// <summary>The key, or null where the text is not one of ours.</summary>
    public static PublicJwk? Parse(string json, string kid)
    {
        try
        {
            var jwk = JsonSerializer.Deserialize(json, KeysJsonContext.Default.PublicJwk);
            return jwk is { Kty: "EC", Crv: "P-256", Alg: Algorithm, X: not null, Y: not null } && jwk.Kid == kid ? jwk : null;
        }
        catch (JsonException)
        {
            // The caller logs and counts keys that it cannot read.
            return null;
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this, KeysJsonContext.Default.PublicJwk);
}

/// <summary>A key set as RFC 7517 writes it.</summary>
internal sealed record PublicJwks([property: JsonPropertyName("keys")] IReadOnlyList<PublicJwk> Keys);

[JsonSerializable(typeof(PublicJwk))]
[JsonSerializable(typeof(PublicJwks))]
internal sealed partial class KeysJsonContext : JsonSerializerContext;
