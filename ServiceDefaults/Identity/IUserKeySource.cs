using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>Where the issuer's public keys come from. Session, which owns them, registers its own; everyone else reads its JWKS.</summary>
public interface IUserKeySource
{
    /// <summary>All keys that may have signed a token that is still valid.</summary>
    Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken);
}
