using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Limits;

/// <summary>One bound of requests that run at once. Places are shared fairly (<see cref="FairPlaces"/>); the wait is bounded in number and time.</summary>
internal sealed class ConcurrencyLimit
{
    /// <summary>The header counts whole seconds, and places are free again long before the first one is over.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly FairPlaces _places;
    private readonly ConcurrencyLimitOptions _options;
    private readonly LimitsTelemetry _telemetry;
    private readonly TimeProvider _time;

    public ConcurrencyLimit(string name, ConcurrencyLimitOptions options, LimitsTelemetry telemetry, TimeProvider time)
    {
        Name = name;
        _options = options;
        _telemetry = telemetry;
        _time = time;
        _places = new FairPlaces(
            new FairBounds(
                options.Permits,
                options.Queue,
                FairCaps.PartsOf(options.Permits, options.UserShare, options.TenantShare, options.AddressShare),
                FairCaps.PartsOf(options.Queue, options.UserShare, options.TenantShare, options.AddressShare),
                options.MinBytesPerSecond,
                options.Grace),
            time);
    }

    public string Name { get; }

    public int Running => _places.Running;

    public int Waiting => _places.Waiting;

    /// <summary>Measures who holds a place; called about once a second.</summary>
    public void Sweep() => _places.Sweep();

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var seat = _places.Enter(CallerKeys.Of(context));
        if (seat.Waiter is { } waiter)
        {
            seat = await WaitAsync(waiter, context.RequestAborted);
        }

        if (seat.Place is not { } place)
        {
            _telemetry.Refused(Name, seat.Refusal!);
            await Refuse(seat.Refusal!).ExecuteAsync(context);
            return;
        }

        try
        {
            await RunAsync(context, next, place.Pace);
        }
        finally
        {
            _places.Release(place);
        }
    }

    private async Task RunAsync(HttpContext context, RequestDelegate next, Pace pace)
    {
        var features = context.Features;
        var answer = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var body = features.Get<IRequestBodyPipeFeature>();
        var reader = BodyIntake.IsStreamed(context) ? new PacedReader(context.Request.BodyReader, pace) : null;
        if (reader is not null)
        {
            features.Set<IRequestBodyPipeFeature>(reader);
        }

        features.Set<IHttpResponseBodyFeature>(new PacedResponse(answer, pace));
        pace.OnEvicted(() =>
        {
            _telemetry.Evicted(Name);
            if (reader is null || context.Response.HasStarted)
            {
                context.Abort();
            }
            else
            {
                reader.Cut();
            }
        });
        try
        {
            await next(context);
        }
        finally
        {
            pace.OnEvicted(null);

            // What is written from here on, an error above all, holds no place.
            features.Set(answer);
            if (reader is not null)
            {
                features.Set(body);
            }
        }
    }

    private ProblemResult Refuse(string reason) => reason == FairRefusals.Share
        ? Problems.TooManyRequests("You have reached the limit of concurrent requests per caller.", RetryAfter)
        : Problems.Overloaded("This replica is at its limit of concurrent requests.", RetryAfter);

    private async ValueTask<FairSeat> WaitAsync(FairPlaces.Waiter waiter, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Disposed of asynchronously, because that waits for a running callback, which must not find its source disposed.
        await using var timer = _time.CreateTimer(
            static source => ((CancellationTokenSource)source!).Cancel(), abandon, _options.QueueTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await waiter.Outcome.Task.WaitAsync(abandon.Token);
        }
        catch (OperationCanceledException)
        {
            if (!_places.Abandon(waiter))
            {
                // Its turn came in the same moment.
                var seat = await waiter.Outcome.Task;
                if (!cancellationToken.IsCancellationRequested || seat.Place is null)
                {
                    return seat;
                }

                _places.Release(seat.Place);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return new FairSeat(null, null, FairRefusals.QueueTimeout);
        }
        finally
        {
            _telemetry.Waited(Name, _time.GetElapsedTime(started));
        }
    }
}
