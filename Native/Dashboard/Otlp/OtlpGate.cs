using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Dashboard.Otlp;

/// <summary>
/// Lets telemetry in with the key of the run, and not too much at a time. It stands before anything reads a body, and answers each in its own way:
/// gRPC by a status, HTTP by a code.
/// </summary>
internal sealed class OtlpGate(IOptions<OtlpOptions> options, IOptions<DashboardOptions> dashboard, IntakeCounts counts) : IMiddleware
{
    public const string KeyHeader = "x-otlp-api-key";

    private const int GrpcUnavailable = 14;
    private const int GrpcUnauthenticated = 16;
    private const int RetryAfterSeconds = 1;

    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes(dashboard.Value.OtlpKey));

    private int _running;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OtlpEndpoint>() is null)
        {
            await next(context);
            return;
        }

        if (!HasKey(context.Request))
        {
            counts.Refuse();
            Refuse(context, StatusCodes.Status401Unauthorized, GrpcUnauthenticated, $"The header {KeyHeader} must hold the key of this dashboard.");
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _running) > options.Value.MaxConcurrentRequests)
            {
                counts.Refuse();
                Refuse(context, StatusCodes.Status503ServiceUnavailable, GrpcUnavailable, "Too many at a time.");
                return;
            }

            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Hashes have one length, whatever was sent, so that comparing takes the same time.</summary>
    private bool HasKey(HttpRequest request)
    {
        var given = request.Headers[KeyHeader];
        return given.Count == 1 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given[0] ?? string.Empty)), _key);
    }

    private static void Refuse(HttpContext context, int code, int grpc, string why)
    {
        var response = context.Response;
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
        {
            // A status without a body goes in the headers.
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = grpc.ToString();
            response.Headers["grpc-message"] = Uri.EscapeDataString(why);
            return;
        }

        response.StatusCode = code;
        if (code == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = RetryAfterSeconds.ToString();
        }
    }
}

/// <summary>Set on endpoints that are for senders.</summary>
internal sealed class OtlpEndpoint
{
    public static OtlpEndpoint Instance { get; } = new();
}
