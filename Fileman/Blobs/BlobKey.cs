using Contracts;

namespace Fileman.Blobs;

/// <summary>Names a file's content. Both parts follow the rule for ids, so no key can leave its place in a folder or name another's content.</summary>
internal readonly record struct BlobKey
{
    public BlobKey(string tenant, string file)
    {
        if (!Ids.IsValid(tenant) || !Ids.IsValid(file))
        {
            throw new ArgumentException($"Tenant and file must each be {Ids.Rule}.");
        }

        Tenant = tenant;
        File = file;
    }

    /// <summary>Key of this file's thumbnail.</summary>
    public BlobKey Thumbnail => this with { IsThumbnail = true };

    /// <summary>
    /// A content is written once, under an id of its own. A thumbnail may be made twice, by replicas that know nothing of each other: the later takes the place of the earlier, which shows the same.
    /// </summary>
    public bool IsThumbnail { get; private init; }

    public string Tenant { get; }

    public string File { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{Name}";

    /// <summary>The file's id, and no other's: ids have no dots.</summary>
    public string Name => IsThumbnail ? File + ".thumbnail" : File;
}
