using Realtime.Channels;
using StackExchange.Redis;

namespace Layouts.Brokers;

/// <summary>Asks every Redis master for its counts, over the connections that this node has anyway.</summary>
internal sealed class BrokerReader(IConnectionMultiplexer redis, ClusterView cluster, TimeProvider time)
{
    /// <summary>A server that is frozen must not keep the others' answers waiting.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    private readonly long _since = time.GetTimestamp();

    /// <summary>One look. What Redis does not say is in the answer: it never fails.</summary>
    public async Task<BrokerReading> ReadAsync(CancellationToken cancellationToken)
    {
        // On a cluster, the masters by the names that they give each other: the name that a node is configured with may be one of the same servers.
        var masters = cluster.Masters;
        var servers = redis.GetServers()
            .Where(server => server.IsConnected && (masters.Count > 0 ? masters.Contains(server.EndPoint) : !server.IsReplica))
            .ToArray();
        var answers = await Task.WhenAll(servers.Select(server => AskAsync(server, cancellationToken)));
        MasterCounts[] counts =
        [
            .. answers.Select(static answer => answer.Counts).OfType<MasterCounts>().DistinctBy(static master => master.Run.Length > 0 ? master.Run : master.Name).OrderBy(static master => master.Name, StringComparer.Ordinal),
        ];
        var problem = servers.Length < masters.Count ? $"this node is connected to {servers.Length} of {masters.Count} masters"
            : servers.Length == 0 ? "this node is not connected to Redis"
            : answers.Select(static answer => answer.Problem).FirstOrDefault(static problem => problem is not null);
        return new BrokerReading(counts, problem);
    }

    private async Task<(MasterCounts? Counts, string? Problem)> AskAsync(IServer server, CancellationToken cancellationToken)
    {
        var name = EndPointCollection.ToString(server.EndPoint);
        try
        {
            var info = await server.InfoAsync().WaitAsync(AnswerLimit, time, cancellationToken);
            return MasterCounts.Of(name, info.SelectMany(static section => section), time.GetElapsedTime(_since)) is { } counts
                ? (counts, null)
                : (null, $"INFO of {name} has no CPU time or no count of commands");
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            return (null, $"{name} does not answer INFO ({Brief(exception)})");
        }
    }

    /// <summary>The server's own words are short; the client library adds pages about its state to a timeout.</summary>
    private static string Brief(Exception exception) => exception is RedisServerException ? exception.Message : exception.GetType().Name;
}
