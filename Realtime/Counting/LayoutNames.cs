using Contracts.Frames;
using Contracts.Layouts;

namespace Realtime.Counting;

/// <summary>Values of the <c>layout</c> tag of metrics, and of figures.</summary>
internal static class LayoutNames
{
    public const string Legacy = RoomLayout.Legacy;
    public const string Sharded = RoomLayout.Sharded;

    /// <summary>Of what has no layout: the control channel.</summary>
    public const string None = "none";

    public static string Of(bool isSharded) => isSharded ? Sharded : Legacy;

    public static string OfFamily(int family) => Of(family != LayoutRules.Legacy);
}
