using Contracts.Public;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;

namespace Session.Keys;

/// <summary>The public keys.</summary>
internal static class JwksEndpoints
{
    /// <summary>
    /// How long others may cache the keys: far below <see cref="KeySchedule.PublishAhead"/>, so that nobody misses a key that signs.
    /// </summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    public static void MapJwks(this IEndpointRouteBuilder routes) => routes.MapGet(SessionRoutes.Jwks, GetAsync).AllowAnonymous();

    private static async Task<IResult> GetAsync(HttpContext context, KeyRing ring, CancellationToken cancellationToken)
    {
        if (!(await ring.GetFreshAsync(cancellationToken)).TryGet(out var snapshot, out var problem))
        {
            return Problems.From(problem);
        }

        if (snapshot.Keys.IsEmpty)
        {
            return Problems.Unavailable("There are no keys yet.");
        }

        context.Response.Headers[HeaderNames.CacheControl] = $"public, max-age={(long)MaxAge.TotalSeconds}";
        return TypedResults.Bytes(snapshot.Jwks, "application/jwk-set+json", entityTag: EntityTagHeaderValue.Parse(snapshot.ETag));
    }
}
