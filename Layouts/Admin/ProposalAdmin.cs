using Contracts.Dbman;
using Contracts.Results;
using Layouts.Planning;
using Layouts.Steps;
using Microsoft.Extensions.Options;

namespace Layouts.Admin;

/// <summary>What operators see of the planner: from the history of decisions, so that any node answers alike.</summary>
internal sealed class ProposalAdmin(DbmanClient dbman, IOptions<PlannerOptions> options)
{
    private readonly LayoutsClient _plane = dbman.Layouts;

    /// <summary>Open proposals.</summary>
    public async Task<ServiceResult<ProposalsView>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!(await _plane.GetAsync(0, cancellationToken)).TryGet(out var layouts, out var problem))
        {
            return problem;
        }

        var catalog = new LayoutCatalog(layouts);
        return (await PlannerJournal.ReadAsync(_plane, catalog, cancellationToken)).TryGet(out var standing, out problem)
            ? ProposalViews.Of(standing, catalog, options.Value.Apply)
            : problem;
    }
}
