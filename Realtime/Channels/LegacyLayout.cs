using Contracts.Messages;

namespace Realtime.Channels;

/// <summary>Where a room's events are published and listened for: one channel for all kinds.</summary>
internal static class LegacyLayout
{
    /// <summary>Value of the <c>layout</c> tag in metrics.</summary>
    public const string Name = "legacy";

    /// <summary>Epoch that envelopes of this layout carry.</summary>
    public const uint Epoch = 0;

    /// <summary>The channel that an event of <paramref name="room"/> goes to; all kinds share one.</summary>
    public static string PublishTo(in RoomKey room) => ChannelNames.Legacy(room);

    /// <summary>All channels that together carry the events of <paramref name="room"/>.</summary>
    public static IReadOnlyList<string> SubscribeTo(in RoomKey room) => [ChannelNames.Legacy(room)];
}
