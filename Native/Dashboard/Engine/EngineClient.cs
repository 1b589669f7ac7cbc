using System.Runtime.CompilerServices;
using Dashboard.Wire;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace Dashboard.Engine;

/// <summary>The engine, as seen from here. What it refuses is an answer; that it is gone is one too.</summary>
internal sealed class EngineClient : IDisposable
{
    private const string KeyHeader = "x-engine-key";
    private const string Gone = "The AppHost does not answer.";

    /// <summary>A stop may take a resource's whole time to end; nothing else takes long.</summary>
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan QuickLimit = TimeSpan.FromSeconds(10);
    private readonly GrpcChannel _channel;
    private readonly EngineService.EngineServiceClient _client;
    private readonly TimeProvider _time;

    public EngineClient(IOptions<DashboardOptions> options, TimeProvider time)
    {
        _time = time;
        _channel = GrpcChannel.ForAddress(options.Value.EngineAddress!, new GrpcChannelOptions { MaxReceiveMessageSize = 32 << 20 });
        _client = new EngineService.EngineServiceClient(_channel.Intercept(metadata =>
        {
            metadata.Add(KeyHeader, options.Value.EngineKey);
            return metadata;
        }));
    }

    /// <summary>Everything that is known, then what changes; ends with an exception when the engine does.</summary>
    public async IAsyncEnumerable<InstanceChanges> WatchInstancesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = _client.WatchInstances(new WatchInstancesRequest(), cancellationToken: cancellationToken);
        await foreach (var changes in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            yield return changes;
        }
    }

    /// <summary>The kept lines of an instance, then (unless only those are asked for) new ones in batches; ends when the instance is gone for good.</summary>
    public async IAsyncEnumerable<LineBatch> WatchLinesAsync(
        string instanceId, bool onlyKept, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = _client.WatchLines(new WatchLinesRequest { InstanceId = instanceId, OnlyKept = onlyKept }, cancellationToken: cancellationToken);
        await foreach (var batch in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            yield return batch;
        }
    }

    /// <summary>Null when it was done, else why it was not.</summary>
    public Task<string?> ExecuteAsync(string instanceId, string command, CancellationToken cancellationToken) =>
        AskAsync(_client.ExecuteAsync(new ExecuteRequest { InstanceId = instanceId, Command = command }, Options(CommandLimit, cancellationToken)));

    /// <summary>Null when it was done, else why it was not.</summary>
    public Task<string?> ScaleAsync(string resource, int replicas, CancellationToken cancellationToken) =>
        AskAsync(_client.ScaleAsync(new ScaleRequest { Resource = resource, Replicas = replicas }, Options(CommandLimit, cancellationToken)));

    /// <summary>Null when the token was good, else why it was not.</summary>
    public Task<string?> LoginAsync(string token, CancellationToken cancellationToken) =>
        AskAsync(_client.LoginAsync(new LoginRequest { Token = token }, Options(QuickLimit, cancellationToken)));

    /// <summary>A secret value; null when there is none of that name any more.</summary>
    public async Task<string?> RevealAsync(string instanceId, string of, string name, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.RevealAsync(new RevealRequest { InstanceId = instanceId, Of = of, Name = name }, Options(QuickLimit, cancellationToken));
            return response.HasText ? response.Text : null;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    public void Dispose() => _channel.Dispose();

    private static async Task<string?> AskAsync(AsyncUnaryCall<Outcome> call)
    {
        try
        {
            var outcome = await call;
            return outcome.Succeeded ? null : outcome.Reason;
        }
        catch (RpcException e)
        {
            return e.StatusCode == StatusCode.Unavailable ? Gone : e.Status.Detail;
        }
    }

    private CallOptions Options(TimeSpan limit, CancellationToken cancellationToken) =>
        new(deadline: _time.GetUtcNow().UtcDateTime + limit, cancellationToken: cancellationToken);
}
