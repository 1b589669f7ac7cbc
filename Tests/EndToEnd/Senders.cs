using System.Globalization;
using Client;
using Contracts;
using Contracts.Public;
using Tests.Infrastructure;

namespace Tests.EndToEnd;

/// <summary>Concurrent senders that retry a post until it is acknowledged, as an application would, always under the same id.</summary>
internal static class Senders
{
    /// <summary>Posts <paramref name="total"/> messages from <paramref name="senders"/> tasks, divided over the clients. Returns the acknowledged seqs, ascending.</summary>
    public static async Task<long[]> PostAsync(
        IReadOnlyList<ChatClient> clients,
        string room,
        int total,
        int senders,
        CancellationToken cancellationToken,
        Action<int>? acknowledged = null)
    {
        var run = Ids.New(TimeProvider.System);
        var next = -1;
        var count = 0;
        var seqs = new long[total];
        await Task.WhenAll(Enumerable.Range(0, senders).Select(async sender =>
        {
            var client = clients[sender % clients.Count];
            int index;
            while ((index = Interlocked.Increment(ref next)) < total)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{run}-{index}");
                seqs[index] = await PostUntilAcknowledgedAsync(client, room, new NewMessage($"message {index}", id), cancellationToken);
                acknowledged?.Invoke(Interlocked.Increment(ref count));
            }
        }));
        Array.Sort(seqs);
        return seqs;
    }

    private static async Task<long> PostUntilAcknowledgedAsync(ChatClient client, string room, NewMessage message, CancellationToken cancellationToken)
    {
        long seq = 0;
        await Eventually.ClearByAsync(
            cancellationToken,
            async () =>
            {
                var result = await client.Messages.PostAsync(room, message, cancellationToken);
                if (result.TryGet(out var stored, out var problem))
                {
                    seq = stored.Seq;
                    return null;
                }

                Assert.True(problem.IsTransient, problem.ToString());
                return $"post answers {problem.Status} {problem.Type} {problem.Detail}";
            });
        return seq;
    }
}
