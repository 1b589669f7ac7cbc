namespace Realtime.Channels;

/// <summary>
/// News about layouts from other nodes, from the control channel. The listener raises it without knowing who acts on it: the node's own agent, and
/// the driver of layouts if the process hosts one.
/// </summary>
internal sealed class LayoutNews
{
    /// <summary>A layout changed; the control plane has it (<see cref="ControlEvents.LayoutChanged"/>). Handlers must not block.</summary>
    public event EventHandler? LayoutChanged;

    /// <summary>Goals of layouts changed (<see cref="ControlEvents.GoalsChanged"/>). Handlers must not block.</summary>
    public event EventHandler? GoalsChanged;

    public void OnLayoutChanged() => LayoutChanged?.Invoke(this, EventArgs.Empty);

    public void OnGoalsChanged() => GoalsChanged?.Invoke(this, EventArgs.Empty);
}
