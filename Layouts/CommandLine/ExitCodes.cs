namespace Layouts.CommandLine;

/// <summary>What the command line says to scripts.</summary>
internal static class ExitCodes
{
    /// <summary>Done; with --wait: reached, and applied by every live node.</summary>
    public const int Done = 0;

    /// <summary>The node refused, or the goal was replaced or cleared before it was reached.</summary>
    public const int Refused = 1;

    /// <summary>The arguments or the configuration are wrong, or a change was not confirmed.</summary>
    public const int Usage = 2;

    /// <summary>--wait: time was up first; the output names who is waited for.</summary>
    public const int TimedOut = 3;

    /// <summary>No node answers at the address.</summary>
    public const int Unreachable = 4;

    /// <summary>Ctrl-C. The nodes continue with what was asked for.</summary>
    public const int Cancelled = 130;
}
