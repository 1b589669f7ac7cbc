using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>Says at the start what would otherwise be a 401 at somebody else's.</summary>
internal sealed class ServiceKeyValidator : IValidateOptions<ServiceKeyOptions>
{
    private const string Private = $"ConnectionStrings:{ServiceKeyOptions.PrivateConnectionName}";
    private const string Public = $"ConnectionStrings:{ServiceKeyOptions.PublicConnectionName}";

    public ValidateOptionsResult Validate(string? name, ServiceKeyOptions options)
    {
        var errors = new List<string>();
        var key = options.Signs || options.PrivateKey.Length > 0 ? ServiceKey.ReadPrivate(options.PrivateKey) : null;
        if (options.Signs && key is null)
        {
            errors.Add(options.PrivateKey.Length == 0
                ? $"{Private}: missing; '{options.Name}' signs its calls with it."
                : $"{Private}: must be the base64 of a PKCS#8 private key on the curve P-256.");
        }

        if (options.Accepts || options.PublicKeys.Length > 0)
        {
            if (!ServiceKeyRing.TryRead(options.PublicKeys, out var ring, out var error))
            {
                errors.Add($"{Public}: {error}");
            }
            else if (key is not null && ring.Find(options.Name, key.KeyId) is null)
            {
                errors.Add($"{Public}: does not list the public half of {Private} under '{options.Name}': its calls would be refused everywhere.");
            }
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
