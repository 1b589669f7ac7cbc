using System.Globalization;
using Dashboard.Charts;
using Dashboard.Engine;
using Dashboard.Resources;
using Dashboard.Telemetry.Metrics;

namespace Dashboard.Overview;

/// <summary>
/// Answers "is it well?". It judges what the engine says of the resources and what the services say of themselves in the last minute; where a service
/// sends nothing, nothing is said about it.
/// </summary>
internal sealed class OverviewJudge(MetricReader reader, OverviewOptions options)
{
    private const string Dbman = "dbman";
    private const string Realtime = "realtime";
    private const string PublishDuration = "realtime.publish.duration";

    public OverviewView Judge(EngineView engine, long now)
    {
        var figures = new ServiceFigures(reader, now);
        var reasons = new List<Reason>();
        var resources = Resources(engine, reasons);
        HttpState[] http = [.. reader.Services().Select(s => figures.Http(s.Service)).OfType<HttpState>().OrderByDescending(static h => h.Service == Dbman).ThenBy(static h => h.Service, StringComparer.Ordinal)];
        foreach (var service in http)
        {
            JudgeRequests(service, reasons);
        }

        var dbman = Array.Find(http, static h => h.Service == Dbman);
        var database = dbman is null ? [] : Database(dbman, figures, reasons);
        var publishing = figures.Publishing(Realtime, PublishDuration);
        var delivery = reader.Instruments(Realtime).Count == 0 ? [] : Delivery(figures, publishing, reasons);
        reasons.Sort(static (one, other) => other.Kind.CompareTo(one.Kind));
        var verdict = reasons.Count == 0 ? (engine.Instances.IsEmpty ? Condition.Busy : Condition.Good) : reasons[0].Kind;
        return new(verdict, Headline(verdict, reasons.Count), reasons, resources, http, database, delivery, publishing);
    }

    private static string Headline(Condition verdict, int reasons) => verdict switch
    {
        Condition.Good => "All is well",
        Condition.Bad => "It is not well",
        Condition.Fair => reasons == 1 ? "It works, with one thing to look at" : "It works, with some things to look at",
        _ => "It is getting ready",
    };

    private static List<ResourceState> Resources(EngineView engine, List<Reason> reasons)
    {
        var states = new List<ResourceState>();
        if (!engine.IsConnected)
        {
            reasons.Add(new(Condition.Bad, "The AppHost does not answer: what is shown of resources is old.", "/resources"));
        }

        foreach (var resource in engine.Instances.Where(static i => !i.IsHidden).GroupBy(static i => i.Resource, StringComparer.OrdinalIgnoreCase))
        {
            var all = resource.ToArray();
            var worst = all.Worst();
            var well = all.Count(static i => i.ConditionOf() == Condition.Good);
            states.Add(new(resource.Key, worst, all.Length == 1 ? all[0].StateText() : $"{well} of {all.Length} well", $"/resources?instance={Uri.EscapeDataString(all[0].Id)}"));
            foreach (var instance in all)
            {
                var kind = instance.ConditionOf();
                if (kind is Condition.Bad or Condition.Fair or Condition.Busy)
                {
                    var why = instance.Reason();
                    reasons.Add(new(
                        kind,
                        $"{engine.NameOf(instance)}: {instance.StateText()}{(why.Length > 0 ? $" ({why})" : null)}",
                        $"/resources?instance={Uri.EscapeDataString(instance.Id)}"));
                }
            }
        }

        return states;
    }

    private void JudgeRequests(HttpState http, List<Reason> reasons)
    {
        var requests = http.Rate * 60;
        if (http.Failures > 0)
        {
            var isMuch = requests >= options.LeastRequests && http.Failures / requests > options.MaxFailures;
            reasons.Add(new(
                isMuch && http.Service == Dbman ? Condition.Bad : Condition.Fair,
                $"{http.Service}: {Quantity.Text(http.Failures)} of {Quantity.Text(requests)} requests of the last minute failed (5xx)",
                $"{http.Href}&split=http.response.status_code"));
        }

        if (http.Service == Dbman && requests >= options.LeastRequests && http.P95 > options.SlowRequest.TotalSeconds)
        {
            reasons.Add(new(
                Condition.Fair,
                $"{Dbman}: one request in twenty takes longer than {Quantity.Text(http.P95, "s")}; it should be below {Quantity.Text(options.SlowRequest.TotalSeconds, "s")}",
                http.Href));
        }
    }

    private List<Tile> Database(HttpState http, ServiceFigures figures, List<Reason> reasons)
    {
        var requests = http.Rate * 60;
        var timeouts = figures.Increase(Dbman, "dbman.timeouts");
        if (timeouts > 0)
        {
            var isMuch = requests >= options.LeastRequests && timeouts / requests > options.MaxFailures;
            reasons.Add(new(isMuch ? Condition.Bad : Condition.Fair, $"{Dbman}: PostgreSQL was too slow {Quantity.Text(timeouts)} times in the last minute", Link(Dbman, "dbman.timeouts")));
        }

        return
        [
            new("Requests, 95th percentile", Quantity.Text(http.P95, "s"), $"p50 {Quantity.Text(http.P50, "s")} · p99 {Quantity.Text(http.P99, "s")}", KindOf(http.P95 > options.SlowRequest.TotalSeconds), http.Line, http.Href),
            new("Failed (5xx)", Part(http.Failures, requests), $"of {Quantity.Text(http.Rate, "/s")} requests", KindOf(http.Failures > 0), figures.FailureRate(Dbman), $"{http.Href}&split=http.response.status_code"),
            new("Timed out", Part(timeouts, requests), "statements, locks, connections", KindOf(timeouts > 0), OrNothing(figures.Rate(Dbman, "dbman.timeouts"), figures), Link(Dbman, "dbman.timeouts")),
        ];
    }

    private List<Tile> Delivery(ServiceFigures figures, IReadOnlyList<PublishState> publishing, List<Reason> reasons)
    {
        var delivered = figures.Increase(Realtime, "realtime.messages.delivered");
        var retransmitted = figures.Increase(Realtime, "realtime.messages.retransmitted");
        var dropped = figures.Increase(Realtime, "realtime.messages.dropped");
        var slow = figures.Increase(Realtime, "realtime.slow_consumers");
        var failed = figures.FailedPublishes(Realtime, PublishDuration);
        Add(failed > 0, Condition.Bad, $"{Realtime}: {Quantity.Text(failed)} batches of the last minute did not reach the broker", PublishDuration);
        Add(slow > 0, Condition.Fair, $"{Realtime}: {Quantity.Text(slow)} connections of the last minute were closed because they read too slowly", "realtime.slow_consumers");
        Add(dropped > 0, Condition.Fair, $"{Realtime}: {Quantity.Text(dropped)} messages of the last minute were dropped, to be fetched again", "realtime.messages.dropped");
        Add(
            retransmitted > 0 && retransmitted > delivered * options.MaxRetransmissions,
            Condition.Fair,
            $"{Realtime}: {Quantity.Text(retransmitted)} messages of the last minute did not arrive by the broker",
            "realtime.messages.retransmitted");
        foreach (var kind in publishing.Where(p => p.P99 > options.SlowPublish.TotalSeconds))
        {
            Add(true, Condition.Fair, $"{Realtime}: publishing ({kind.Kind}) takes up to {Quantity.Text(kind.P99, "s")}", PublishDuration);
        }

        return
        [
            Counted("Deliveries", "realtime.messages.delivered", delivered, isBad: false),
            Held("Subscribers", "realtime.channel.subscribers"),
            Held("Connections", "realtime.connections"),
            Counted("Slow consumers", "realtime.slow_consumers", slow, slow > 0),
            Counted("Dropped", "realtime.messages.dropped", dropped, dropped > 0),
            Counted("Fetched again", "realtime.messages.retransmitted", retransmitted, retransmitted > delivered * options.MaxRetransmissions),
        ];

        void Add(bool holds, Condition kind, string text, string instrument)
        {
            if (holds)
            {
                reasons.Add(new(kind, text, Link(Realtime, instrument)));
            }
        }

        Tile Counted(string title, string instrument, double minute, bool isBad)
        {
            var line = OrNothing(figures.Rate(Realtime, instrument), figures);
            return new(title, Quantity.Text(line[^1] ?? 0, "/s"), $"{Quantity.Text(minute)} in the last minute", KindOf(isBad), line, Link(Realtime, instrument));
        }

        Tile Held(string title, string instrument)
        {
            var line = OrNothing(figures.Value(Realtime, instrument), figures);
            return new(title, Quantity.Text(line[^1] ?? 0), "on all nodes", Condition.Good, line, Link(Realtime, instrument));
        }
    }

    private static double?[] OrNothing(double?[] line, ServiceFigures figures) => Array.Exists(line, static v => v is not null) ? line : figures.Nothing();

    private static Condition KindOf(bool isBad) => isBad ? Condition.Fair : Condition.Good;

    private static string Part(double some, double all) =>
        all <= 0 ? "–" : some == 0 ? "0 %" : string.Create(CultureInfo.InvariantCulture, $"{100 * some / all:0.##} %");

    private static string Link(string service, string instrument) => $"/metrics?resource={service}&instrument={Uri.EscapeDataString(instrument)}";
}
