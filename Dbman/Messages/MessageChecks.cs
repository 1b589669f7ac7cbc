using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Dbman.Requests;

namespace Dbman.Messages;

/// <summary>Form of messages. A wrong one is refused alone: the others of its call, and of other callers, go on.</summary>
internal static class MessageChecks
{
    public static AppendOutcome? Refusal(AppendItem item)
    {
        var check = default(Check);
        check.Id("tenant", item.Tenant);
        check.Id("room", item.Room);
        check.Id("id", item.Id);
        check.Id("sender", item.Sender);
        check.Text("text", item.Text, Limits.MessageText, minLength: 0);
        if (item.Attachments is { } attachments && check.List("attachments", attachments, Limits.MessageAttachments))
        {
            foreach (var attachment in attachments)
            {
                check.Id("attachments", attachment);
            }
        }

        return check.Problem is { } problem
            ? new AppendOutcome(Problem: new ServiceProblem(problem.Status, problem.Type, "The message is malformed.", problem.Detail))
            : null;
    }
}
