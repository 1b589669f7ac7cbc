using System.Text.Json;
using Contracts;
using ServiceDefaults.Identity;

namespace Layouts.CommandLine;

/// <summary>Finds a running node, and the key to sign calls with.</summary>
internal static class Connection
{
    public const string UrlVariable = "REALTIME_URL";

    /// <summary>The operator's private key.</summary>
    public const string KeyVariable = "OPERATOR_KEY";

    /// <summary>Realtime's own: in its pods no other key is there, and none has to be, as a node may do all that the admin API can.</summary>
    public const string NodeKeyVariable = $"ConnectionStrings__{ServiceNames.ServiceKey}";

    /// <summary>The operator's key among the AppHost's user secrets.</summary>
    public const string KeySecret = "Parameters:operator-key";

    /// <summary>UserSecretsId of the AppHost's project.</summary>
    public const string AppHostSecrets = "chat-apphost-2f0f7c1e";

    private const string DevelopmentUrl = "http://localhost:5104";

    /// <summary>A client, or what has to be set.</summary>
    public static (AdminClient? Client, string? Missing) Open(NodeSettings settings, CommandEnvironment environment)
    {
        var url = settings.Url ?? environment.Variable(UrlVariable) ?? OwnUrl(environment) ?? DevelopmentUrl;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return (null, $"'{url}' is no http address.");
        }

        if (FindKey(environment) is not var (key, name, source))
        {
            return (null, $"There is no key to sign with: set {KeyVariable} to the operator's private key, or run this in a pod of realtime. "
                + "In development the key is found in the AppHost's user secrets once the AppHost has run.");
        }

        return ServiceTokenSource.TryCreate(key, name, ServiceNames.Realtime, environment.Time) is { } tokens
            ? (new AdminClient(address, tokens), null)
            : (null, $"{source} is no base64 of a PKCS#8 private key on the curve P-256.");
    }

    /// <summary>Inside a container of the service: its own port.</summary>
    private static string? OwnUrl(CommandEnvironment environment) =>
        (environment.Variable("HTTP_PORTS") ?? environment.Variable("ASPNETCORE_HTTP_PORTS"))?.Split(';', 2)[0] is { Length: > 0 } port ? $"http://localhost:{port}" : null;

    private static (string Key, string Name, string Source)? FindKey(CommandEnvironment environment) =>
        environment.Variable(KeyVariable) is { Length: > 0 } own ? (own, ServiceNames.Operator, KeyVariable)
        : environment.Variable(NodeKeyVariable) is { Length: > 0 } nodes ? (nodes, ServiceNames.Realtime, NodeKeyVariable)
        : File.Exists(environment.Secrets) && ReadSecret(environment.Secrets) is { Length: > 0 } secret ? (secret, ServiceNames.Operator, $"{KeySecret} in {environment.Secrets}")
        : null;

    private static string? ReadSecret(string file)
    {
        using var stream = File.OpenRead(file);
        using var json = JsonDocument.Parse(stream);
        return json.RootElement.TryGetProperty(KeySecret, out var value) ? value.GetString() : null;
    }
}
