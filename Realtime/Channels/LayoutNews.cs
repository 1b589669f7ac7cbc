namespace Realtime.Channels;

/// <summary>
/// What nodes tell each other about layouts, as it arrives on the control channel. The listener raises it and does not know who acts on it: the
/// node's own agent, and the driver of layouts where the process hosts one.
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
