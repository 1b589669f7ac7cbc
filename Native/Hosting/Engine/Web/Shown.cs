namespace Aspire.Hosting.Engine.Web;

/// <summary>One instance, as the dashboard shows it.</summary>
internal sealed record Shown(
    string Id,
    string Name,
    string Type,
    string State,
    string? Health,
    string Reason,
    int? ExitCode,
    int? Pid,
    IReadOnlyList<string> Urls,
    IReadOnlyList<string> Commands);
