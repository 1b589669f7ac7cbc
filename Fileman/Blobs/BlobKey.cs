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

    public string Tenant { get; }

    public string File { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Tenant}/{File}";
}
