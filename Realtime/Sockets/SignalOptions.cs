using System.ComponentModel.DataAnnotations;

namespace Realtime.Sockets;

/// <summary>What users may signal through this node, over all their connections; configuration section <c>Signals</c>.</summary>
internal sealed class SignalOptions
{
    public const string Section = "Signals";

    /// <summary>Signals of one user at once, after a pause.</summary>
    /// <value>Default 300: offers and candidates to everybody in a call; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int UserBurst { get; set; } = 300;

    /// <summary>Signals of one user a second.</summary>
    /// <value>Default 50; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int UserPerSecond { get; set; } = 50;

    /// <summary>Signals of one tenant's users at once.</summary>
    /// <value>Default 10000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public int TenantBurst { get; set; } = 10_000;

    /// <summary>Signals of one tenant's users a second.</summary>
    /// <value>Default 2000; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public int TenantPerSecond { get; set; } = 2_000;

    /// <summary>Bytes of data of one user's signals to one room at once.</summary>
    /// <value>Default 512 KiB: half of what a receiver that does not read is kept for; 32 KiB, one signal, to 1 GiB.</value>
    [Range(Contracts.Limits.SignalBytes, 1_024 * 1_024 * 1_024)]
    public int RoomBytesBurst { get; set; } = 512 * 1_024;

    /// <summary>Bytes of data of one user's signals to one room a second.</summary>
    /// <value>Default 64 KiB; 1 KiB to 1 GiB.</value>
    [Range(1_024, 1_024 * 1_024 * 1_024)]
    public int RoomBytesPerSecond { get; set; } = 64 * 1_024;
}
