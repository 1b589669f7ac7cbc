using System.ComponentModel.DataAnnotations;
using Contracts;

namespace ServiceDefaults.Identity;

/// <summary>
/// The key of this service, and the public keys of all. They arrive as the connection strings <c>service-key</c> and <c>service-keys</c>: deployment tools treat connection strings as secrets.
/// The rest is the section <c>ServiceKeys</c>.
/// </summary>
public sealed class ServiceKeyOptions
{
    internal const string Section = "ServiceKeys";
    internal const string PrivateConnectionName = ServiceNames.ServiceKey;
    internal const string PublicConnectionName = ServiceNames.ServiceKeys;

    /// <summary>Signs this service's calls, and is known to it alone: base64 of a PKCS#8 private key on the curve P-256.</summary>
    public string PrivateKey { get; set; } = "";

    /// <summary>Whose signatures count: <c>chat=KEY;session=KEY,KEY</c>, each key the base64 of a SubjectPublicKeyInfo; two of one name while one replaces the other.</summary>
    public string PublicKeys { get; set; } = "";

    /// <summary>Name under which this service calls, and under which it is called.</summary>
    /// <value>Default: the application's name in lower case.</value>
    [Required, RegularExpression("[a-z0-9-]{1,64}")]
    public string Name { get; set; } = "";

    /// <summary>Whether this service calls others, or protects what browsers keep: then it needs its private key.</summary>
    internal bool Signs { get; set; }

    /// <summary>Whether services call this one: then it needs their public keys.</summary>
    internal bool Accepts { get; set; }
}
