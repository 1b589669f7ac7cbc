using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

internal sealed class ServiceCredentialValidator : IValidateOptions<ServiceCredentialOptions>
{
    public ValidateOptionsResult Validate(string? name, ServiceCredentialOptions options)
    {
        var errors = new List<string>();
        Check(errors, options.Secret, ServiceCredentialOptions.ConnectionName);
        if (options.PreviousSecret is { } previous)
        {
            Check(errors, previous, ServiceCredentialOptions.PreviousConnectionName);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Check(List<string> errors, string secret, string connectionName)
    {
        if (ServiceSecret.Decode(secret) is null)
        {
            errors.Add(secret.Length == 0
                ? $"ConnectionStrings:{connectionName}: missing; services prove themselves to each other with it."
                : $"ConnectionStrings:{connectionName}: must hold at least {ServiceSecret.MinBytes} bytes, as base64 or as text.");
        }
    }
}
