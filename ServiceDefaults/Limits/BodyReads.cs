using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Limits;

/// <summary>
/// Reads a body as the server hands it out. What is wrong with a body's chunks is the sender's fault, and the server says so for most faults; for sizes beyond its counter, and for trailers
/// that are no text, it throws what would otherwise mean a concurrent read, a bug. Nothing else reads at that time, so it is not one.
/// </summary>
internal static class BodyReads
{
    public static async ValueTask<ReadResult> ReadBodyAsync(this PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (IsOfTheSender(exception))
        {
            throw Malformed(exception);
        }
    }

    public static bool TryReadBody(this PipeReader body, out ReadResult result)
    {
        try
        {
            return body.TryRead(out result);
        }
        catch (Exception exception) when (IsOfTheSender(exception))
        {
            throw Malformed(exception);
        }
    }

    private static bool IsOfTheSender(Exception exception) => exception is InvalidOperationException or IOException { InnerException: OverflowException };

    private static BadHttpRequestException Malformed(Exception exception) => new("The body's chunks are malformed.", StatusCodes.Status400BadRequest, exception);
}
