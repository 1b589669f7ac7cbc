using System.ComponentModel.DataAnnotations;

namespace Session.Accounts;

/// <summary>How tenants come to be; configuration section <c>SignUp</c>.</summary>
internal sealed class SignUpOptions
{
    public const string Section = "SignUp";

    /// <summary>Whether anybody may sign a tenant up.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether a new tenant lets everybody register where its sign-up does not say.</summary>
    /// <value>Default true.</value>
    public bool OpenRegistration { get; set; } = true;

    /// <summary>Bytes that the files of a new tenant may take.</summary>
    /// <value>Default 1 GiB; 0 to 1 PiB.</value>
    [Range(0, 1L << 50)]
    public long StorageQuotaBytes { get; set; } = 1L << 30;
}
