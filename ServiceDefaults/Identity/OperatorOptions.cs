using System.ComponentModel.DataAnnotations;
using Contracts;

namespace ServiceDefaults.Identity;

/// <summary>Who may operate the system besides services; configuration section <c>Operators</c>.</summary>
public sealed class OperatorOptions : IValidatableObject
{
    internal const string Section = "Operators";

    /// <summary>
    /// Tenant whose admins are operators. Its users can change what concerns all tenants: it must not be a tenant of customers. It must exist before
    /// it is set here; session, which has the same setting, refuses to sign it up.
    /// </summary>
    /// <value>Default none: only the operator's key operates.</value>
    public string? Tenant { get; set; }

    /// <summary>Whether that is the operators' tenant, or would be taken for it.</summary>
    public bool IsReserved(string tenant) => Tenant is { Length: > 0 } && string.Equals(Tenant, tenant, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tenant is { Length: > 0 } tenant && !Ids.IsValid(tenant))
        {
            yield return new ValidationResult($"must be {Ids.Rule}.", [nameof(Tenant)]);
        }
    }
}
