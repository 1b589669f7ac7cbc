using Contracts;
using Contracts.Dbman;
using Contracts.Results;
using ServiceDefaults.Errors;

namespace Chat.Messages;

/// <summary>Attachments are files of the sender's tenant whose upload has finished. Messages without attachments pay nothing for it.</summary>
internal sealed class AttachmentCheck(DbmanClient dbman)
{
    /// <summary>Look-ups of one message at a time: enough to hide the round trips, too few for one sender to take a share that others miss.</summary>
    private const int Parallel = 4;

    /// <summary>Null when all of them may be attached.</summary>
    public async Task<ProblemResult?> FindProblemAsync(string tenant, IReadOnlyList<string>? attachments, CancellationToken cancellationToken)
    {
        foreach (var batch in (attachments ?? []).Chunk(Parallel))
        {
            var files = await Task.WhenAll(batch.Select(file => dbman.Files.GetAsync(tenant, file, cancellationToken)));
            for (var i = 0; i < batch.Length; i++)
            {
                if (files[i].Problem is { } problem)
                {
                    return Describe(batch[i], problem);
                }
            }
        }

        return null;
    }

    private static ProblemResult Describe(string file, ServiceProblem problem) => problem.Is(ProblemTypes.FileNotFound)
        ? Problems.NotFound($"There is no file '{file}' to attach.", ProblemTypes.FileNotFound)
        : Problems.From(problem);
}
