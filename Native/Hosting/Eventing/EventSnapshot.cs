namespace Aspire.Hosting.Eventing;

/// <summary>The handling of an event, to wait for.</summary>
internal sealed record EventSnapshot(Task EventTask);
