using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Users;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Names;
using Session.Validation;

namespace Session.Accounts;

/// <summary>
/// The users of a tenant. Every user of the tenant may look up all others: people who chat must find each other, and there are no guests. Only admins
/// look at those who are deactivated, as only they can do something about it. Nobody sees another tenant's.
/// </summary>
internal static class UserDirectory
{
    private const int DefaultLimit = 50;

    /// <summary>
    /// Users one of whose names begins with the prefix, by that name. The prefix is folded as names are; one that no name can begin with finds nobody.
    /// </summary>
    public static async Task<IResult> ListAsync(
        string? prefix, bool? deactivated, string? after, int? limit, UserIdentity me, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (deactivated == true && !me.IsAdmin)
        {
            return Problems.Forbidden("Only admins list deactivated users.");
        }

        var count = limit ?? DefaultLimit;
        if (count is < 1 or > Limits.Page)
        {
            return Problems.InvalidRequest($"'limit' must be 1 to {Limits.Page}.", "limit");
        }

        // Display names may hold anything, user names do not: a prefix may be one of either alone. Without a prefix all are walked by user name.
        var username = Usernames.FoldPrefix(prefix ?? "");
        var displayName = string.IsNullOrEmpty(prefix) ? null : DisplayNames.Normalize(prefix);
        if (username is null && displayName is null)
        {
            return Problems.InvalidRequest($"'prefix' must be the beginning of a name: {DisplayNames.Rule}.", "prefix");
        }

        return (await dbman.Directory.ListDirectoryAsync(me.Tenant, username, displayName, deactivated ?? false, after, count, cancellationToken)).ToHttp(static page =>
            TypedResults.Ok(new Page<UserInfo>([.. page.Items.Select(static user => user.ToInfo())], page.Next)));
    }

    /// <summary>A user by its id, as messages name their senders: also one that was removed.</summary>
    public static async Task<IResult> GetAsync(string user, UserIdentity me, DbmanClient dbman, CancellationToken cancellationToken) => Ids.IsValid(user)
        ? (await dbman.Directory.GetUsersAsync(me.Tenant, new UsersByIdRequest([user]), cancellationToken)).ToHttp<UsersResponse>(static found => found.Users is [var only]
            ? TypedResults.Ok(only.ToInfo())
            : Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound))
        : Problems.InvalidId("user");
}
