using Microsoft.Net.Http.Headers;

namespace Fileman.Downloads;

/// <summary>Conditional requests (RFC 9110, section 13) on contents that never change.</summary>
internal static class Preconditions
{
    /// <summary>
    /// The status that answers the request instead of the content; null: send it. A condition that cannot be read holds for no content, and one on the entity tag makes the one on the
    /// date count for nothing.
    /// </summary>
    public static int? Check(HttpRequest request, EntityTagHeaderValue tag, DateTimeOffset modified)
    {
        var (headers, conditions) = (request.Headers, request.GetTypedHeaders());
        if (headers.IfMatch.Count > 0)
        {
            if (!conditions.IfMatch.Any(one => Names(one, tag, strong: true)))
            {
                return StatusCodes.Status412PreconditionFailed;
            }
        }
        else if (conditions.IfUnmodifiedSince is { } unmodified && WholeSeconds(modified) > unmodified)
        {
            return StatusCodes.Status412PreconditionFailed;
        }

        var isKnown = headers.IfNoneMatch.Count > 0
            ? conditions.IfNoneMatch.Any(one => Names(one, tag, strong: false))
            : conditions.IfModifiedSince is { } since && WholeSeconds(modified) <= since;
        return isKnown ? StatusCodes.Status304NotModified : null;
    }

    /// <summary>Whether Range counts: without If-Range always, with it only when it names exactly this content.</summary>
    public static bool AllowsRange(HttpRequest request, EntityTagHeaderValue tag, DateTimeOffset modified) =>
        request.Headers.IfRange.Count == 0
        || (request.GetTypedHeaders().IfRange is { } condition
            && (condition.EntityTag?.Compare(tag, useStrongComparison: true) ?? WholeSeconds(modified) == condition.LastModified));

    private static bool Names(EntityTagHeaderValue one, EntityTagHeaderValue tag, bool strong) =>
        one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, strong);

    /// <summary>HTTP dates have no fractions.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerSecond));
}
