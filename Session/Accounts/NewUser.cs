using Contracts.Public;
using Contracts.Users;
using ServiceDefaults.Errors;
using ServiceDefaults.Names;
using Session.Passwords;
using Session.Validation;

namespace Session.Accounts;

/// <summary>A registration whose fields were checked.</summary>
/// <param name="Username">In the form that is stored.</param>
/// <param name="Password">As given.</param>
/// <param name="DisplayName">In the form that is stored.</param>
internal sealed record NewUser(string Username, string Password, string DisplayName)
{
    /// <summary>The registration, or the problem that names the wrong field. <paramref name="path"/> is the path of the fields in the body.</summary>
    public static (NewUser? User, ProblemResult? Problem) Check(RegisterRequest? body, string path)
    {
        if (body is null)
        {
            return (null, Problems.InvalidRequest($"'{path}' is missing.", path));
        }

        if (Usernames.Normalize(body.Username) is not { } username)
        {
            return (null, Problems.InvalidRequest($"'username' must be {Usernames.Rule}.", path + ".username"));
        }

        if (!Confusables.IsOfOneScript(username))
        {
            return (null, Problems.InvalidRequest("'username' must not mix letters of scripts that look alike.", path + ".username"));
        }

        if (PasswordRules.CheckNew(body.Password, body.Username) is { } reason)
        {
            return (null, Problems.InvalidRequest($"'password' {reason}.", path + ".password"));
        }

        return DisplayNames.Normalize(body.DisplayName ?? body.Username) is { } displayName
            ? (new NewUser(username, body.Password, displayName), null)
            : (null, Problems.InvalidRequest($"'displayName' must be {DisplayNames.Rule}.", path + ".displayName"));
    }

    /// <summary>What is stored, with the hash of <see cref="Password"/>.</summary>
    public CreateUserRequest ToRequest(string id, string role, string passwordHash) =>
        new(id, Username, DisplayName, role, passwordHash, Confusables.Skeleton(Username));
}
