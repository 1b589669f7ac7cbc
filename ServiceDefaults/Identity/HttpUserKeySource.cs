using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>Reads Session's JWKS over HTTP.</summary>
internal sealed class HttpUserKeySource(IHttpClientFactory clients, IOptions<UserTokenOptions> options) : IUserKeySource
{
    internal const string ClientName = "session-keys";

    /// <summary>A key takes about 200 bytes: far more than any sane rotation publishes.</summary>
    internal const int MaxResponseBytes = 64 * 1024;

    public async Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        client.MaxResponseContentBufferSize = MaxResponseBytes;
        var json = await client.GetStringAsync(options.Value.KeysAddress, cancellationToken);
        return [.. new JsonWebKeySet(json).Keys];
    }
}
