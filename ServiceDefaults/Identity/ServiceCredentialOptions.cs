using System.ComponentModel.DataAnnotations;
using Contracts;

namespace ServiceDefaults.Identity;

/// <summary>
/// The secret that all services share. It arrives as the connection strings <c>service-credential</c> and, while it is being
/// replaced, <c>service-credential-previous</c>: deployment tools treat connection strings as secrets. The rest is the section
/// <c>ServiceCredential</c>.
/// </summary>
public sealed class ServiceCredentialOptions
{
    internal const string Section = "ServiceCredential";
    internal const string ConnectionName = ServiceNames.ServiceCredential;
    internal const string PreviousConnectionName = "service-credential-previous";

    /// <summary>Signs and is accepted: base64 of at least 32 bytes, or text of at least 32 bytes.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Is accepted only; null when no replacement is under way.</summary>
    public string? PreviousSecret { get; set; }

    /// <summary>Name under which this service calls.</summary>
    /// <value>Default: the application's name in lower case.</value>
    [Required, RegularExpression("[a-z0-9-]{1,64}")]
    public string Name { get; set; } = "";

    /// <summary>How long one token is valid.</summary>
    /// <value>Default 5 min; 1 min to 1 h.</value>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How far clocks may differ.</summary>
    /// <value>Default 30 s; 0 to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);
}
