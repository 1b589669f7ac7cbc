namespace Layouts.Console.Overview;

/// <summary>How it is, from the best to the worst.</summary>
public enum Condition
{
    /// <summary>Nothing is known yet.</summary>
    Reading,

    /// <summary>As it should be.</summary>
    Well,

    /// <summary>It works, and somebody should look.</summary>
    Degraded,

    /// <summary>Users notice.</summary>
    Unwell,
}
