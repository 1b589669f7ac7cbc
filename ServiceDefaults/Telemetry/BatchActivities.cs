using System.Diagnostics;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Spans of work that is done for several callers together. A span has one parent, so the batch is in the trace of the first caller, and links say
/// whose else it was. An idle system's batches hold one item: there each trace is whole by itself.
/// </summary>
public static class BatchActivities
{
    /// <summary>A batch of hundreds does not name each: what is too many to look at is too many to send.</summary>
    private const int MaxLinks = 16;

    /// <summary>Begins the span of a batch; null if nothing records, or if no caller's trace is sampled.</summary>
    /// <param name="source">Whose span it is.</param>
    /// <param name="name">What is done.</param>
    /// <param name="items">The batch.</param>
    /// <param name="callerOf">What was <see cref="Activity.Current"/> when the item was queued.</param>
    public static Activity? StartBatch<T>(this ActivitySource source, string name, IReadOnlyList<T> items, Func<T, Activity?> callerOf)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(callerOf);
        if (!source.HasListeners())
        {
            return null;
        }

        Activity? parent = null;
        List<ActivityLink>? links = null;
        for (var i = 0; i < items.Count && links?.Count is not MaxLinks; i++)
        {
            if (callerOf(items[i]) is not { Recorded: true } caller || caller == parent)
            {
                continue;
            }

            if (parent is null)
            {
                parent = caller;
            }
            else if (links?[^1].Context.SpanId != caller.SpanId)
            {
                (links ??= []).Add(new ActivityLink(caller.Context));
            }
        }

        var activity = parent is null ? null : source.StartActivity(name, ActivityKind.Internal, parent.Context, links: links);
        activity?.SetTag("batch.size", items.Count);
        return activity;
    }
}
