using System.Runtime.InteropServices;

namespace Tests.Realtime.Model;

/// <summary>The progress of the watched publish.</summary>
internal enum Publishing
{
    Nothing,

    /// <summary>It has its layouts; the broker has not taken all of its copies.</summary>
    Sending,

    /// <summary>The broker has taken all; its publisher has not checked yet whether it counts.</summary>
    Sent,
}

/// <summary>One state of everything: the newest layout, up to three nodes, one publish. A value; nothing in it changes once it is in a set.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ModelWorld : IEquatable<ModelWorld>
{
    public const int MaxNodes = 3;

    private ModelNode _a;
    private ModelNode _b;
    private ModelNode _c;
    private uint _bits;

    /// <summary>Of the newest record.</summary>
    public int Routing { readonly get => Get(0, 4); set => Set(0, 4, value); }

    public Publishing Publishing { readonly get => (Publishing)Get(4, 2); set => Set(4, 2, (int)value); }

    /// <summary>Node that publishes.</summary>
    public int Publisher { readonly get => Get(6, 2); set => Set(6, 2, value); }

    /// <summary>A bit for each family whose copy the broker has not taken yet.</summary>
    public int Copies { readonly get => Get(8, 3); set => Set(8, 3, value); }

    /// <summary>A bit for each node with clients that were there when it began, and have not got it. With nobody, the publish is not worth watching.</summary>
    public int Owed { readonly get => Get(11, 3); set => Set(11, 3, value); }

    /// <summary>Revisions by which its publisher's newest layouts are ahead of those that it publishes by; at most 2.</summary>
    public int Overtaken { readonly get => Get(14, 2); set => Set(14, 2, value); }

    /// <summary>
    /// Whether the broker has taken one copy and not yet the other: only for such a publish are channels kept that are no longer needed.
    /// </summary>
    public bool IsSplit { readonly get => Get(17, 1) != 0; set => Set(17, 1, value ? 1 : 0); }

    /// <summary>Whether it has been split for longer than channels are kept that are no longer needed.</summary>
    public bool IsOld { readonly get => Get(16, 1) != 0; set => Set(16, 1, value ? 1 : 0); }

    public ModelNode this[int node]
    {
        readonly get => node switch { 0 => _a, 1 => _b, _ => _c };
        set
        {
            switch (node)
            {
                case 0:
                    _a = value;
                    break;
                case 1:
                    _b = value;
                    break;
                default:
                    _c = value;
                    break;
            }
        }
    }

    /// <summary>The node's clients are gone.</summary>
    public void Release(int node, int nodes)
    {
        Owed &= ~(1 << node);
        if (Publishing != Publishing.Nothing && Owed == 0)
        {
            EndPublish(nodes);
        }
    }

    /// <summary>No publish is in flight; channels kept for it are left.</summary>
    public void EndPublish(int nodes)
    {
        _bits = (uint)Get(0, 4);
        LeaveChannels(nodes);
    }

    /// <summary>Nodes leave every channel that they do not need.</summary>
    public void LeaveChannels(int nodes)
    {
        for (var i = 0; i < nodes; i++)
        {
            var node = this[i];
            node.Heard &= 1 << NeededBy(node);
            this[i] = node;
        }
    }

    /// <summary>Family that the node's rooms listen to at present.</summary>
    public static int NeededBy(in ModelNode node) =>
        node.Applying is Applying.Listening or Applying.Switched ? RoomRouting.Listens(node.NextRouting)
        : node.Routing == RoomRouting.None ? 0
        : RoomRouting.Listens(node.Routing);

    public readonly bool Equals(ModelWorld other) => _a == other._a && _b == other._b && _c == other._c && _bits == other._bits;

    public override readonly bool Equals(object? obj) => obj is ModelWorld other && Equals(other);

    public override readonly int GetHashCode()
    {
        // Odd constants with bits all over; no seed, so that runs are alike.
        var hash = (_a.Bits * 0x9E3779B97F4A7C15) ^ _bits;
        hash = ((hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9) ^ _b.Bits;
        hash = ((hash ^ (hash >> 32)) * 0x94D049BB133111EB) ^ _c.Bits;
        hash = (hash ^ (hash >> 31)) * 0xD6E8FEB86659FD93;
        return (int)(hash >> 32);
    }

    private readonly int Get(int at, int width) => (int)(_bits >> at) & ((1 << width) - 1);

    private void Set(int at, int width, int value) => _bits = (_bits & ~(((1u << width) - 1) << at)) | ((uint)value << at);
}
