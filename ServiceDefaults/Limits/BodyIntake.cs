using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Limits;

/// <summary>
/// Waits for a request's body, under a deadline, before anything is done for the request: a sender that trickles holds a connection and nothing else. The body stays where the server has
/// it, so waiting costs no memory that the server would not hold anyway. Endpoints that read bodies piece by piece say so (<see cref="WithStreamedBody"/>), and answer for their senders'
/// speed themselves.
/// </summary>
public static class BodyIntake
{
    private const string Utf8 = "utf-8";

    /// <summary>The endpoints take their bodies as they come.</summary>
    public static TBuilder WithStreamedBody<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(StreamedBody.Instance);

    internal static void UseBodyIntake(this IApplicationBuilder app)
    {
        var timeout = app.ApplicationServices.GetRequiredService<IOptions<LimitsOptions>>().Value.BodyTimeout;
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        var telemetry = app.ApplicationServices.GetRequiredService<LimitsTelemetry>();
        app.Use(next => async context =>
        {
            if (HasForeignCharset(context.Request))
            {
                await Problems.UnsupportedMediaType("JSON is UTF-8: leave the charset out, or say utf-8.").ExecuteAsync(context);
                return;
            }

            if (IsToBeAwaited(context) && !await ArrivesAsync(context, timeout, time))
            {
                telemetry.BodyLate();
                await Problems.Late($"The body did not arrive within {timeout}.").ExecuteAsync(context);
                return;
            }

            await next(context);
        });
    }

    private static bool IsToBeAwaited(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
        && context.GetEndpoint() is not null
        && !IsStreamed(context);

    /// <summary>The framework would decode what it knows, fail at what it does not, and does not know the right one in quotes.</summary>
    private static bool HasForeignCharset(HttpRequest request)
    {
        if (request.ContentType is not { } type
            || request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is null
            || !MediaTypeHeaderValue.TryParse(type, out var parsed)
            || !parsed.Charset.HasValue)
        {
            return false;
        }

        if (!HeaderUtilities.RemoveQuotes(parsed.Charset).Equals(Utf8, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        parsed.Charset = Utf8;
        request.ContentType = parsed.ToString();
        return false;
    }

    internal static bool IsStreamed(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<StreamedBody>() is not null;

    private static async ValueTask<bool> ArrivesAsync(HttpContext context, TimeSpan timeout, TimeProvider time)
    {
        var body = context.Request.BodyReader;

        // Most bodies came with their headers.
        if (body.TryReadBody(out var read))
        {
            var isWhole = read.IsCompleted;
            body.AdvanceTo(read.Buffer.Start, isWhole ? read.Buffer.Start : read.Buffer.End);
            if (isWhole)
            {
                return true;
            }
        }

        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            while (true)
            {
                read = await body.ReadBodyAsync(either.Token);
                if (read.IsCompleted)
                {
                    // Nothing is examined, so that the endpoint's first read has it all.
                    body.AdvanceTo(read.Buffer.Start);
                    return true;
                }

                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed class StreamedBody
    {
        public static readonly StreamedBody Instance = new();
    }
}
