using System.Text;

namespace Session.Keys;

/// <summary>
/// The secret that session derives keys of its own from: those that encrypt signing keys, and those that sign tokens of devices. No other service has it. While it is replaced, what was made
/// under its predecessor is still read.
/// </summary>
/// <param name="Current">Makes and reads.</param>
/// <param name="Previous">Only reads; null when no replacement is under way.</param>
internal sealed record ProtectionSecrets(byte[] Current, byte[]? Previous = null)
{
    public const string ConnectionName = "signing-key-protection";
    public const string PreviousConnectionName = "signing-key-protection-previous";

    private const int MinBytes = 32;

    /// <exception cref="InvalidOperationException">The secret is missing, or one is too short.</exception>
    public static ProtectionSecrets Read(IConfiguration configuration) => new(
        Bytes(ConnectionName, configuration.GetConnectionString(ConnectionName) ?? ""),
        configuration.GetConnectionString(PreviousConnectionName) is { Length: > 0 } previous ? Bytes(PreviousConnectionName, previous) : null);

    private static byte[] Bytes(string name, string secret) => Encoding.UTF8.GetBytes(secret) is { Length: >= MinBytes } bytes
        ? bytes
        : throw new InvalidOperationException($"ConnectionStrings:{name} must hold a secret of at least {MinBytes} bytes, which session alone has.");
}
