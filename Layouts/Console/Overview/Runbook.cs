namespace Layouts.Console.Overview;

/// <summary>Headings of docs/runbook.md that reasons lead to.</summary>
internal static class Runbook
{
    public const string DbmanIsNotReady = "dbman is not ready";
    public const string DbmanIsSlow = "dbman is slow";
    public const string DbmanFails = "dbman answers with 5xx";
    public const string DbmanTimesOut = "dbman times out";
    public const string Overloaded = "Posts answer 503 overloaded";
    public const string ReplicaIsSilent = "A replica of dbman is silent";
    public const string Publishing = "Publishing is slow or fails";
    public const string MessagesAreLate = "Messages arrive late";
    public const string SlowConsumers = "Clients are closed with 4002";
    public const string NoLease = "A realtime node has no lease";
    public const string StepHangs = "A layout step hangs";
    public const string Credential = "A service's key must be replaced";
}
