using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Identity;

/// <summary>
/// Ends the start of a service that has an endpoint which says neither who may call it nor that anyone may, or that is for services and does not say for which.
/// Forgetting RequireAuthorization on a group is a hole that no request shows; an endpoint without callers would answer 403 to all of them.
/// </summary>
internal sealed class EndpointAccessCheck(EndpointDataSource endpoints) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var open = endpoints.Endpoints
            .Where(static endpoint => endpoint.Metadata.GetMetadata<IAuthorizeData>() is null
                && endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is null
                && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(static endpoint => endpoint.DisplayName ?? endpoint.ToString())
            .ToList();
        if (open.Count > 0)
        {
            throw new InvalidOperationException(
                $"Say who may call (RequireAuthorization(Policies.X)) or that anyone may (AllowAnonymous) on: {string.Join("; ", open)}");
        }

        var uncalled = endpoints.Endpoints
            .Where(static endpoint => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(static data => data.Policy == Policies.Service)
                && endpoint.Metadata.GetMetadata<AllowedCallers>() is null)
            .Select(static endpoint => endpoint.DisplayName ?? endpoint.ToString())
            .ToList();
        return uncalled.Count == 0
            ? Task.CompletedTask
            : throw new InvalidOperationException($"Say which services may call (AllowCallers) on: {string.Join("; ", uncalled)}");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
