using System.Text.Json;
using Contracts;
using ServiceDefaults.Identity;

namespace Realtime.Migration.CommandLine;

/// <summary>Finds a running node, and the credential to show it.</summary>
internal static class Connection
{
    public const string UrlVariable = "REALTIME_URL";

    /// <summary>The same that services get.</summary>
    public const string SecretVariable = $"ConnectionStrings__{ServiceNames.ServiceCredential}";

    /// <summary>UserSecretsId of the AppHost's project.</summary>
    public const string AppHostSecrets = "chat-apphost-2f0f7c1e";

    private const string DevelopmentUrl = "http://localhost:5104";

    /// <summary>A client, or what has to be set.</summary>
    public static (AdminClient? Client, string? Missing) Open(NodeSettings settings, Surroundings surroundings)
    {
        var url = settings.Url ?? surroundings.Variable(UrlVariable) ?? OwnUrl(surroundings) ?? DevelopmentUrl;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return (null, $"'{url}' is no http address.");
        }

        if (FindSecret(surroundings) is not { } secret)
        {
            return (null, $"The service credential is missing: set {SecretVariable} to the connection string that the services have. "
                + "In development it is found in the AppHost's user secrets once the AppHost has run.");
        }

        return ServiceTokenSource.TryCreate(secret, "layout-cli", surroundings.Time) is { } tokens
            ? (new AdminClient(address, tokens), null)
            : (null, $"{SecretVariable} is too short to be the services' credential.");
    }

    /// <summary>Inside a container of the service: its own port.</summary>
    private static string? OwnUrl(Surroundings surroundings) =>
        (surroundings.Variable("HTTP_PORTS") ?? surroundings.Variable("ASPNETCORE_HTTP_PORTS"))?.Split(';', 2)[0] is { Length: > 0 } port ? $"http://localhost:{port}" : null;

    private static string? FindSecret(Surroundings surroundings)
    {
        if (surroundings.Variable(SecretVariable) is { Length: > 0 } secret)
        {
            return secret;
        }

        return File.Exists(surroundings.Secrets) ? ReadSecret(surroundings.Secrets) : null;
    }

    private static string? ReadSecret(string file)
    {
        using var stream = File.OpenRead(file);
        using var json = JsonDocument.Parse(stream);
        return json.RootElement.TryGetProperty($"Parameters:{ServiceNames.ServiceCredential}", out var value) ? value.GetString() : null;
    }
}
