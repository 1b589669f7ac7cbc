namespace Dbman.Housekeeping;

/// <summary>How many rows a round of housekeeping removed.</summary>
internal sealed record Removed(int Sessions, int Attempts, int Nodes, int Replicas, int Decisions)
{
    public int Total => Sessions + Attempts + Nodes + Replicas + Decisions;
}
