using Contracts;
using Contracts.Public;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>Reads Session's JWKS over HTTP.</summary>
internal sealed class HttpUserKeySource(IHttpClientFactory clients) : IUserKeySource
{
    internal const string ClientName = "session-keys";

    /// <summary>Resolved by service discovery, as the addresses of all services are.</summary>
    private static readonly Uri KeysAddress = new($"http://{ServiceNames.Session}{SessionRoutes.Jwks}");

    /// <summary>A key takes about 200 bytes: far more than any sane rotation publishes.</summary>
    internal const int MaxResponseBytes = 64 * 1024;

    public async Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        client.MaxResponseContentBufferSize = MaxResponseBytes;
        var json = await client.GetStringAsync(KeysAddress, cancellationToken);
        return [.. new JsonWebKeySet(json).Keys];
    }
}
