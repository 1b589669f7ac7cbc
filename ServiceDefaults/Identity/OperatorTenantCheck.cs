using Contracts;
using Contracts.Dbman;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>
/// Logs that the operators' tenant does not exist, until it does. The service keeps running for all others, and session reserves the name meanwhile.
/// </summary>
internal sealed class OperatorTenantCheck(DbmanClient dbman, IOptions<OperatorOptions> options, TimeProvider time, ILogger<OperatorTenantCheck> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Tenant is not { Length: > 0 } tenant)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            var found = await dbman.Directory.GetTenantAsync(tenant, stoppingToken);
            if (found.IsSuccess)
            {
                return;
            }

            var isMissing = found.Problem.Type == ProblemTypes.TenantNotFound;
            if (isMissing)
            {
                logger.OperatorTenantMissing(tenant);
            }

            await Task.Delay(isMissing ? Interval : RetryInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
