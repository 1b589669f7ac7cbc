using System.Text.Json;
using Contracts;
using Contracts.Layouts;
using Dbman.Requests;

namespace Dbman.Layouts;

/// <summary>The form of what nodes have counted: every list has a bound, and so has the whole, as all of it is kept and read as one.</summary>
internal static class FigureChecks
{
    private const int MaxWord = 32;

    /// <summary>Checks, and hands over what is to be stored.</summary>
    public static void Figures(ref this Check check, NodeFigures figures, out string? json)
    {
        json = null;
        check.Id("figures.source", figures.Source);
        check.Range("figures.uptimeMilliseconds", figures.UptimeMilliseconds, 0, long.MaxValue);
        check.Range("figures.publish.count", figures.Publish.Count, 0, FigureLimits.Publish);
        check.Range("figures.subscriptions.count", figures.Subscriptions.Count, 0, FigureLimits.Subscriptions);
        check.Range("figures.scopes.count", figures.Scopes.Count, 0, FigureLimits.Scopes);
        check.Range("figures.hot.rooms.count", figures.Hot.Rooms.Count, 0, FigureLimits.HotRooms);
        check.Range("figures.driving.autopilots.count", figures.Driving?.Autopilots.Count ?? 0, 0, FigureLimits.Autopilots);
        var brokers = figures.Driving?.Brokers;
        check.Range("figures.driving.brokers.masters.count", brokers?.Masters.Count ?? 0, 0, FigureLimits.Masters);
        check.Range("figures.driving.brokers.held.count", brokers?.Held.Count ?? 0, 0, FigureLimits.HeldRooms);
        if (check.Problem is not null)
        {
            return;
        }

        foreach (var publish in figures.Publish)
        {
            check.Text("figures.publish.kind", publish.Kind, MaxWord);
            check.Text("figures.publish.layout", publish.Layout, MaxWord);
            check.Latency("figures.publish.latency", publish.Latency);
        }

        foreach (var scope in figures.Scopes)
        {
            check.That(scope.Scope.IsValid, "figures.scopes.scope", "must have valid ids, and a room its tenant.");
            check.Latency("figures.scopes.legacy", scope.Legacy);
            check.Latency("figures.scopes.sharded", scope.Sharded);
        }

        foreach (var room in figures.Hot.Rooms)
        {
            check.Id("figures.hot.rooms.tenant", room.Tenant);
            check.Id("figures.hot.rooms.room", room.Room);
        }

        foreach (var room in brokers?.Held ?? [])
        {
            check.Id("figures.driving.brokers.held.tenant", room.Tenant);
            check.Id("figures.driving.brokers.held.room", room.Room);
        }

        if (check.Problem is not null)
        {
            return;
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(figures, ContractsJsonContext.Default.NodeFigures);
        check.That(bytes.Length <= FigureLimits.Bytes, "figures", $"take {bytes.Length} bytes; {FigureLimits.Bytes} at most.");

        // What PostgreSQL cannot store in JSON; no text of ours has it.
        check.That(bytes.AsSpan().IndexOf("\\u0000"u8) < 0, "figures", "hold a NUL, which cannot be stored.");
        json = System.Text.Encoding.UTF8.GetString(bytes);
    }

    private static void Latency(ref this Check check, string name, LatencyFigures latency)
    {
        check.Range($"{name}.first", latency.First, 0, LatencyBuckets.Count - 1);
        check.Range($"{name}.counts.count", latency.Counts.Count, 0, LatencyBuckets.Count - latency.First);
    }
}
