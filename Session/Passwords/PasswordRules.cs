using Contracts;
using ServiceDefaults.Names;

namespace Session.Passwords;

/// <summary>What a password may be. Length is what counts; which characters, is the user's choice.</summary>
internal static class PasswordRules
{
    /// <summary>Fewest characters.</summary>
    public const int MinLength = 8;

    /// <summary>Most characters, and so at most 768 bytes of UTF-8: whole sentences fit, and hashing stays cheap to start.</summary>
    public const int MaxLength = 256;

    /// <summary>
    /// The form that is hashed and compared: what is typed on one device is the same on another (OpaqueString of RFC 8265: plain spaces, normalization form C). Case and full width count.
    /// The password must have passed <see cref="CheckForLogin"/>.
    /// </summary>
    public static string Prepare(string password) => UnicodeText.ToNfc(UnicodeText.WithPlainSpaces(password));

    /// <summary>What is wrong with a new password, as the end of a sentence; null when nothing is.</summary>
    public static string? CheckNew(string? password, string username) => CheckForLogin(password) ?? CheckPrepared(Prepare(password!), username);

    /// <summary>
    /// What keeps a password from being checked at all. The rules for new passwords do not apply: others may have applied when it was chosen.
    /// </summary>
    public static string? CheckForLogin(string? password) => password switch
    {
        null or "" => "is missing",
        { Length: > MaxLength } => $"must have at most {MaxLength} characters",
        // A lone surrogate has no UTF-8: two different passwords would have one hash. NUL was never stored in one.
        _ when !PlainText.IsStorable(password) => "must be well-formed Unicode, without NUL",
        _ => null,
    };

    private static string? CheckPrepared(string password, string username) => password switch
    {
        { Length: < MinLength } => $"must have at least {MinLength} characters",
        { Length: > MaxLength } => $"must have at most {MaxLength} characters",
        _ when password.Any(char.IsControl) => "must not hold control characters",
        _ when string.Equals(password, username, StringComparison.OrdinalIgnoreCase) => "must not be the user name",
        _ when password.All(c => c == password[0]) => "must not be one character over and over",
        _ when CommonPasswords.Contains(password) => "is one of the commonest, which are guessed first",
        _ => null,
    };
}
