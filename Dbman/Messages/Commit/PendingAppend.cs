using Contracts.Messages;
using Contracts.Results;

namespace Dbman.Messages.Commit;

/// <summary>One message waiting in a lane.</summary>
internal readonly record struct PendingAppend(AppendCall Call, int Index)
{
    public AppendItem Item => Call.Items[Index];

    public void Complete(AppendOutcome outcome) => Call.Complete(Index, outcome);

    public void Fail(ServiceProblem problem) => Call.Fail(problem);
}
