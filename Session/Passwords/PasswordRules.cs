using Session.Validation;

namespace Session.Passwords;

/// <summary>What a password may be. Length is what counts; which characters, is the user's choice.</summary>
internal static class PasswordRules
{
    /// <summary>Fewest characters.</summary>
    public const int MinLength = 8;

    /// <summary>Most characters, and so at most 768 bytes of UTF-8: whole sentences fit, and hashing stays cheap to start.</summary>
    public const int MaxLength = 256;

    /// <summary>What is wrong with a new password, as the end of a sentence; null when nothing is.</summary>
    public static string? CheckNew(string? password, string username) => password switch
    {
        null or "" => "is missing",
        { Length: < MinLength } => $"must have at least {MinLength} characters",
        _ when string.Equals(password, username, StringComparison.OrdinalIgnoreCase) => "must not be the user name",
        _ when password.All(c => c == password[0]) => "must not be one character over and over",
        _ => CheckForLogin(password),
    };

    /// <summary>What keeps a password from being checked at all. The rules for new ones are none of it: they may have been others when it was chosen.</summary>
    public static string? CheckForLogin(string? password) => password switch
    {
        null or "" => "is missing",
        { Length: > MaxLength } => $"must have at most {MaxLength} characters",
        // A lone surrogate has no UTF-8: two different passwords would have one hash.
        _ when !Texts.IsWellFormed(password) => "must be well-formed Unicode",
        _ => null,
    };
}
