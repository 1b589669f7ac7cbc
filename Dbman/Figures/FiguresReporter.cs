using Dbman.Postgres;
using Dbman.Requests;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dbman.Figures;

/// <summary>
/// Writes this replica's figures to its row, so that operators see all replicas wherever they ask. It never adds to a load: a report is one small statement, is not repeated, waits for no
/// connection, and is dropped while requests wait for theirs. Counts only grow, so nothing is lost by a report that is not there; and as what a load does to the replica is what operators want
/// to see, one in <see cref="MostDropped"/> + 1 is written all the same.
/// </summary>
internal sealed class FiguresReporter(
    ReplicaStore store,
    FiguresSource source,
    FiguresTelemetry telemetry,
    OwnConnection own,
    RequestGate gate,
    DatabaseState state,
    IOptions<FiguresOptions> options,
    TimeProvider time,
    ILogger<FiguresReporter> logger) : BackgroundService
{
    /// <summary>Reports in a row that are dropped because the replica is busy. Readers count on it: a replica is silent after more intervals than this.</summary>
    public const int MostDropped = 3;

    /// <summary>What is left behind expires, so a replica does not stay for it.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(1);

    private int _dropped;
    private bool _isFailing;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (state.Reason is not null)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LeaveLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var turn = await own.EnterAsync(either.Token);
            await store.LeaveAsync(source.Replica, either.Token);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or ObjectDisposedException || DatabaseFailure.Of(exception) is not null)
        {
            logger.FiguresLeft(exception.Message);
        }
    }

    /// <summary>One report, or none.</summary>
    internal async Task ReportAsync(CancellationToken cancellationToken)
    {
        if (state.Reason is not null)
        {
            telemetry.NotReported("failed");
            return;
        }

        var isBusy = gate.Waiting > 0 && _dropped < MostDropped;
        using var turn = isBusy ? null : own.TryEnter();
        if (turn is null)
        {
            _dropped++;
            telemetry.NotReported("busy");
            return;
        }

        try
        {
            await store.ReportAsync(source.Replica, source.Version, source.Read(), cancellationToken);
            _dropped = 0;
            Report(isFailing: false, "");
        }
        catch (Exception exception) when (exception is NpgsqlException || DatabaseFailure.Of(exception) is not null)
        {
            telemetry.NotReported("failed");
            Report(isFailing: true, exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Report, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await ReportAsync(stoppingToken);
        }
    }

    /// <summary>Once per outage.</summary>
    private void Report(bool isFailing, string reason)
    {
        if (isFailing && !_isFailing)
        {
            logger.FiguresUnwritten(reason);
        }
        else if (!isFailing && _isFailing)
        {
            logger.FiguresWritten();
        }

        _isFailing = isFailing;
    }
}
