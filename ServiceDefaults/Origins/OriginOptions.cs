using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Origins;

/// <summary>Pages of other origins that may call this service from a browser; configuration section <c>Cors</c>.</summary>
internal sealed class OriginOptions : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>Exact origins such as https://app.example.org: scheme, host, and the port where it is not the scheme's own.</summary>
    /// <value>Default none: only pages of the service's own origin.</value>
    public string[] Origins { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from origin in Origins
        where !IsOrigin(origin)
        select new ValidationResult($"'{origin}' is no origin such as https://app.example.org.", [nameof(Origins)]);

    /// <summary>Written as a browser sends it: nothing else would ever match.</summary>
    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.GetLeftPart(UriPartial.Authority) == origin;
}
