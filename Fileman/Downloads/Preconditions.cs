using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Fileman.Downloads;

/// <summary>Conditional requests (RFC 9110, section 13) on contents that never change.</summary>
internal static class Preconditions
{
    /// <summary>Whether the caller's copy is still right, so that 304 answers it.</summary>
    public static bool IsNotModified(RequestHeaders request, EntityTagHeaderValue tag, DateTimeOffset modified)
    {
        if (request.IfNoneMatch is { Count: > 0 } known)
        {
            return known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));
        }

        return request.IfModifiedSince is { } since && WholeSeconds(modified) <= since;
    }

    /// <summary>Whether Range counts: without If-Range always, with it only when it names exactly this content.</summary>
    public static bool AllowsRange(RequestHeaders request, EntityTagHeaderValue tag, DateTimeOffset modified) => request.IfRange switch
    {
        null => true,
        { EntityTag: { } asked } => asked.Compare(tag, useStrongComparison: true),
        { LastModified: { } since } => WholeSeconds(modified) == since,
        _ => false,
    };

    /// <summary>HTTP dates have no fractions.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerSecond));
}
