using System.ComponentModel.DataAnnotations;

namespace Session.Passwords;

/// <summary>How passwords are hashed; configuration section <c>Passwords</c>.</summary>
internal sealed class PasswordOptions
{
    public const string Section = "Passwords";

    /// <summary>Rounds of PBKDF2 with HMAC-SHA512. A stored hash with fewer is renewed at the next login.</summary>
    /// <value>Default 210000, what OWASP asks for with SHA-512; 100000 to 10000000.</value>
    [Range(100_000, 10_000_000)]
    public int Iterations { get; set; } = 210_000;

    /// <summary>Hashes that are computed at once: each takes a core for about a tenth of a second.</summary>
    /// <value>Default: the number of cores; 1 to 1024.</value>
    [Range(1, 1_024)]
    public int MaxConcurrent { get; set; } = Environment.ProcessorCount;

    /// <summary>Callers that may wait for their turn; past it, the last one of the longest line is answered 503.</summary>
    /// <value>Default 64; 0 to 100000.</value>
    [Range(0, 100_000)]
    public int MaxWaiting { get; set; } = 64;

    /// <summary>Callers of one address that may wait; one more is answered 429.</summary>
    /// <value>Default 16; 0 to 100000.</value>
    [Range(0, 100_000)]
    public int MaxWaitingPerAddress { get; set; } = 16;
}
