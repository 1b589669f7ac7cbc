using Contracts.Users;

namespace Session.Logins;

/// <summary>A user whose password was checked.</summary>
/// <param name="User">Who it is.</param>
/// <param name="Generation">
/// Of the credential that the password was checked against. What follows from the check names it, so that it is refused when the password was changed meanwhile.
/// </param>
internal sealed record CheckedUser(UserRecord User, long Generation)
{
    /// <summary>A user who was created just now: its creator chose the password.</summary>
    public static CheckedUser New(UserRecord user) => new(user, CredentialRecord.FirstGeneration);
}
