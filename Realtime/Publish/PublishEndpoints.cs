using System.Text.Json;
using Contracts;
using Contracts.Publish;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Realtime.Channels;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;

namespace Realtime.Publish;

/// <summary>What other services call.</summary>
internal static class PublishEndpoints
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.MapGroup("").RequireAuthorization(Policies.Service);

        // Too long to be held before there is room for it; only our own services send it.
        services.MapPost(RealtimeRoutes.Publish, PublishAsync).AllowCallers(ServiceNames.Chat, ServiceNames.Session).WithStreamedBody();
        services.MapPost(RealtimeRoutes.SessionRevoked, SessionRevokedAsync).AllowCallers(ServiceNames.Session);
    }

    private static async Task<IResult> PublishAsync(
        HttpContext context, RoomPublisher publisher, PublishGate gate, IOptions<PublishOptions> options, CancellationToken cancellationToken)
    {
        if (!gate.TryEnter())
        {
            return Problems.Overloaded("As many publish calls as this node takes are in flight.", RetryAfter);
        }

        try
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = options.Value.MaxBodyBytes;
            }

            PublishRequest? request;
            try
            {
                request = await JsonSerializer.DeserializeAsync(
                    context.Request.BodyReader, ContractsJsonContext.Default.PublishRequest, cancellationToken);
            }
            catch (JsonException exception)
            {
                return Problems.InvalidRequest("The body is not a publish request.", exception.Path);
            }

            if (request is null)
            {
                return Problems.InvalidRequest("The body is null.");
            }

            if (PublishRules.Check(request) is { } breach)
            {
                return Problems.InvalidRequest(breach);
            }

            var result = await publisher.PublishAsync(request);
            return result.IsSuccess
                ? Results.Json(new PublishResponse(request.Messages.Count + request.System.Count), ContractsJsonContext.Default.PublishResponse)
                : Problems.From(result.Problem);
        }
        finally
        {
            gate.Leave();
        }
    }

    private static async Task<IResult> SessionRevokedAsync(HttpContext context, RoomPublisher publisher, CancellationToken cancellationToken)
    {
        SessionRevokedRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(
                context.Request.BodyReader, ContractsJsonContext.Default.SessionRevokedRequest, cancellationToken);
        }
        catch (JsonException exception)
        {
            return Problems.InvalidRequest("The body is not a revocation.", exception.Path);
        }

        if (request is null || PublishRules.Check(request) is not null)
        {
            return Problems.InvalidRequest($"tenant, userId and up to {Limits.Page} sessionIds, each {Ids.Rule}.");
        }

        var result = await publisher.ControlAsync(
            ControlEvents.SessionRevoked, JsonSerializer.SerializeToUtf8Bytes(request, ContractsJsonContext.Default.SessionRevokedRequest));
        return result.IsSuccess ? Results.NoContent() : Problems.From(result.Problem);
    }
}
