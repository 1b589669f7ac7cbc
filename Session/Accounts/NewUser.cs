using Contracts.Public;
using ServiceDefaults.Errors;
using Session.Passwords;
using Session.Validation;

namespace Session.Accounts;

/// <summary>A registration whose fields were checked.</summary>
/// <param name="Username">In the form that is stored.</param>
/// <param name="Password">As given.</param>
/// <param name="DisplayName">Trimmed.</param>
internal sealed record NewUser(string Username, string Password, string DisplayName)
{
    /// <summary>The registration, or the problem that names the wrong field. <paramref name="path"/> is where the fields stand in the body.</summary>
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

        if (PasswordRules.CheckNew(body.Password, body.Username) is { } reason)
        {
            return (null, Problems.InvalidRequest($"'password' {reason}.", path + ".password"));
        }

        return Texts.NormalizeName(body.DisplayName ?? body.Username) is { } displayName
            ? (new NewUser(username, body.Password, displayName), null)
            : (null, Problems.InvalidRequest($"'displayName' must be {Texts.NameRule}.", path + ".displayName"));
    }
}
