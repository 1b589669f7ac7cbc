using Contracts.Sessions;
using Dbman.Postgres;

namespace Dbman.Sessions;

/// <summary>Keys that sign access tokens, shared by all replicas of Session.</summary>
internal sealed class SigningKeyStore(Database database)
{
    private static readonly string ListKeys = SqlText.Read("Sessions/ListKeys.sql");
    private static readonly string AddKey = SqlText.Read("Sessions/AddKey.sql");

    public Task<List<SigningKeyRecord>> ListAsync(CancellationToken cancellationToken) =>
        database.ListAsync(ListKeys, SessionRows.Key, [], cancellationToken);

    /// <summary>False when another replica was first.</summary>
    public async Task<bool> AddAsync(AddSigningKeyRequest request, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            AddKey,
            static row => row.GetString(0),
            [
                Arg.Text("kid", request.Key.Kid),
                Arg.Text("algorithm", request.Key.Algorithm),
                Arg.Text("public_jwk", request.Key.PublicJwk),
                Arg.Text("private_key", request.Key.ProtectedPrivateKey),
                Arg.Time("not_before", request.Key.NotBefore),
                Arg.Time("signs_until", request.Key.SignsUntil),
                Arg.Time("published_until", request.Key.PublishedUntil),
                Arg.Time("unless_signs_until", request.UnlessSignsUntil),
            ],
            cancellationToken) is not null;
}
