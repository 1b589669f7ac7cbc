using Contracts.Layouts;

namespace Realtime.Node;

/// <summary>Where the driver writes what it knows, for the node's next report. Null while another node drives.</summary>
internal sealed class DriverReport
{
    private DrivingFigures? _current;
    private BrokerFigures? _brokers;

    /// <summary>Written by the driver's loop, read by the agent's.</summary>
    public DrivingFigures? Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }

    /// <summary>Written by the planner's loop, read by the agent's and when metrics are collected.</summary>
    public BrokerFigures? Brokers
    {
        get => Volatile.Read(ref _brokers);
        set => Volatile.Write(ref _brokers, value);
    }
}
