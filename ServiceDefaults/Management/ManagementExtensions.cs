using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Management;

/// <summary>Health and metrics on a port of their own (<see cref="ManagementOptions.Port"/>), which no Service and no ingress has.</summary>
internal static class ManagementExtensions
{
    private static readonly object Marker = new ManagementEndpoint();

    public static void AddManagement(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<ManagementOptions>(ManagementOptions.Section);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ManagementStartupFilter>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, ManagementPolicy>());
    }

    /// <summary>Puts the endpoint on the management port where there is one.</summary>
    public static TBuilder ForManagement<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(Marker);

    private sealed class ManagementEndpoint;

    /// <summary>Adds the port to what the server listens on. Filters run when the server has its addresses and does not listen yet; endpoints named in code would replace HTTP_PORTS and URLS.</summary>
    private sealed class ManagementStartupFilter(IOptions<ManagementOptions> options) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            if (options.Value.Port == 0)
            {
                return;
            }

            var addresses = app.ServerFeatures.GetRequiredFeature<IServerAddressesFeature>().Addresses;
            if (addresses.Count == 0)
            {
                throw new InvalidOperationException($"With {ManagementOptions.Section}:{nameof(ManagementOptions.Port)} the service's own addresses must be given too: HTTP_PORTS or URLS.");
            }

            addresses.Add($"http://*:{options.Value.Port}");
        };
    }

    /// <summary>
    /// On the management port only its endpoints exist, and elsewhere all others. Decided by the socket that the request came in by, which no header can claim
    /// (<c>RequireHost("*:port")</c> reads Host), and where endpoints are chosen, so that middleware that acts on an endpoint (authorization, limits)
    /// has none to act on.
    /// </summary>
    private sealed class ManagementPolicy(IOptions<ManagementOptions> options) : MatcherPolicy, IEndpointSelectorPolicy
    {
        private readonly int _port = options.Value.Port;

        /// <summary>Last: what other policies put in an endpoint's place, such as the answer 405, is judged too.</summary>
        public override int Order => int.MaxValue;

        public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => _port != 0;

        public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
        {
            var isManagement = httpContext.Connection.LocalPort == _port;
            for (var i = 0; i < candidates.Count; i++)
            {
                if (candidates.IsValidCandidate(i) && candidates[i].Endpoint.Metadata.GetMetadata<ManagementEndpoint>() is not null != isManagement)
                {
                    candidates.SetValidity(i, false);
                }
            }

            return Task.CompletedTask;
        }
    }
}
