namespace Tests.Realtime.Model;

/// <summary>How far a node is with applying a change.</summary>
internal enum Applying
{
    Nothing,

    /// <summary>Rooms learn what to listen to.</summary>
    Following,

    /// <summary>They listen to it; the node still publishes by the layouts before.</summary>
    Listening,

    /// <summary>The node publishes by the new layouts; publishes by those before may be in flight.</summary>
    Switched,
}

/// <summary>A grant of the lease that is on its way to a node.</summary>
internal enum Grant
{
    None,

    /// <summary>The lease is still valid, counted from when the node asked.</summary>
    Fresh,

    /// <summary>It has expired.</summary>
    Stale,
}

/// <summary>
/// One node and what the control plane has noted about it, packed into a word. Revisions are stored as their distance behind the newest;
/// <see cref="Behind"/> means that or more.
/// </summary>
internal record struct ModelNode(ulong Bits)
{
    /// <summary>So far behind or farther: passed over in any case.</summary>
    public const int Behind = 2;

    /// <summary>A process that has just started: clients that come before it has a lease are sent away.</summary>
    public static ModelNode New { get; } = new() { Routing = RoomRouting.None, IsPassedOver = true };

    /// <summary>Of the layouts that it has applied; <see cref="RoomRouting.None"/>: none yet.</summary>
    public int Routing { readonly get => Get(0, 4); set => Set(0, 4, value); }

    public int Lag { readonly get => Get(4, 2); set => Set(4, 2, value); }

    public Applying Applying { readonly get => (Applying)Get(6, 2); set => Set(6, 2, (int)value); }

    /// <summary>Of the layouts that it is applying.</summary>
    public int NextRouting { readonly get => Get(8, 4); set => Set(8, 4, value); }

    public int NextLag { readonly get => Get(12, 2); set => Set(12, 2, value); }

    /// <summary>A bit for each family whose channel the broker has it as a subscriber of.</summary>
    public int Heard { readonly get => Get(14, 3); set => Set(14, 3, value); }

    public bool HasLease { readonly get => Has(17); set => Set(17, 1, value ? 1 : 0); }

    public bool IsPassedOver { readonly get => Has(18); set => Set(18, 1, value ? 1 : 0); }

    /// <summary>Whether it ever had a lease; kept only where it matters.</summary>
    public bool HadLease { readonly get => Has(19); set => Set(19, 1, value ? 1 : 0); }

    /// <summary>Whether clients of it are owed an event that somebody counts as published.</summary>
    public bool HasMissed { readonly get => Has(20); set => Set(20, 1, value ? 1 : 0); }

    /// <summary>The control plane's: barriers wait for it.</summary>
    public bool IsLive { readonly get => Has(21); set => Set(21, 1, value ? 1 : 0); }

    /// <summary>Whether its notice that it leaves is still in the network; kept only where it matters.</summary>
    public bool IsLeaving { readonly get => Has(23); set => Set(23, 1, value ? 1 : 0); }

    public Grant Grant { readonly get => (Grant)Get(24, 2); set => Set(24, 2, (int)value); }

    /// <summary>Whether the records that come with the grant are the newest; others are asked for again.</summary>
    public bool GrantIsNewest { readonly get => Has(26); set => Set(26, 1, value ? 1 : 0); }

    /// <summary>Whether it has clients that it will not send away before it has a lease.</summary>
    public readonly bool HasClients => Heard != 0 && !IsPassedOver;

    /// <summary>What it publishes by.</summary>
    public readonly int Publishing => Applying == Applying.Switched ? NextRouting : Routing;

    /// <summary>A record was added: everything known is one older.</summary>
    public void FallBehind()
    {
        Lag = Routing == RoomRouting.None ? 0 : Math.Min(Lag + 1, Behind);
        NextLag = Applying == Applying.Nothing ? 0 : Math.Min(NextLag + 1, Behind);
        GrantIsNewest = false;
    }

    /// <summary>Learns the newest records.</summary>
    public void BeginToApply(int routing)
    {
        if (Applying == Applying.Nothing && (Routing == RoomRouting.None || Lag > 0))
        {
            Applying = Applying.Following;
            NextRouting = routing;
            NextLag = 0;
        }
    }

    /// <summary>Far behind: of what it knows and receives only what it is applying still matters.</summary>
    public void Forget()
    {
        var forgotten = New;
        if (Applying != Applying.Nothing && NextLag < Behind)
        {
            forgotten.Applying = Applying;
            forgotten.NextRouting = NextRouting;
            forgotten.NextLag = NextLag;
            forgotten.Heard = Applying == Applying.Following ? 0 : Heard & (1 << RoomRouting.Listens(NextRouting));
        }

        this = forgotten;
    }

    private readonly int Get(int at, int width) => (int)(Bits >> at) & ((1 << width) - 1);

    private readonly bool Has(int at) => (Bits >> at & 1) != 0;

    private void Set(int at, int width, int value) => Bits = (Bits & ~(((1ul << width) - 1) << at)) | ((ulong)value << at);
}
