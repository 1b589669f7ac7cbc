using Contracts.Layouts;

namespace Realtime.Node;

/// <summary>Where the driver writes what it knows, for the node's next report. Null while another node drives.</summary>
internal sealed class DriverReport
{
    private DrivingFigures? _current;

    /// <summary>Written by the driver's loop, read by the agent's.</summary>
    public DrivingFigures? Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
