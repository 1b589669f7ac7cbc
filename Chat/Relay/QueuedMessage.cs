using System.Diagnostics;
using Contracts.Messages;

namespace Chat.Relay;

/// <summary>A message that waits in its lane.</summary>
/// <param name="Message">As it was committed.</param>
/// <param name="EnqueuedAt">Timestamp of the TimeProvider.</param>
/// <param name="Caller">The post that it came with, for its trace.</param>
internal readonly record struct QueuedMessage(MessageRecord Message, long EnqueuedAt, Activity? Caller);
