using System.ComponentModel.DataAnnotations;
using Contracts;

namespace ServiceDefaults.Identity;

/// <summary>Who may operate the system besides services; configuration section <c>Operators</c>.</summary>
public sealed class OperatorOptions : IValidatableObject
{
    internal const string Section = "Operators";

    /// <summary>Tenant whose admins are operators. Its users can change what concerns all tenants: a tenant of customers it must not be.</summary>
    /// <value>Default none: only the service credential operates.</value>
    public string? Tenant { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tenant is { Length: > 0 } tenant && !Ids.IsValid(tenant))
        {
            yield return new ValidationResult($"must be {Ids.Rule}.", [nameof(Tenant)]);
        }
    }
}
