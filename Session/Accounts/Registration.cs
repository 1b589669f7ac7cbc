using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Results;
using Contracts.Tenants;
using Contracts.Users;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Names;
using Session.Logins;
using Session.Passwords;
using Session.Sessions;

namespace Session.Accounts;

/// <summary>Sign-up of tenants and registration of users.</summary>
internal static class Registration
{
    public static async Task<IResult> SignUpAsync(
        SignUpRequest body,
        HttpContext context,
        DbmanClient dbman,
        PasswordHashing hashing,
        SessionStarter sessions,
        IOptions<SignUpOptions> options,
        IOptions<OperatorOptions> operators,
        SessionTelemetry telemetry,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            return Problems.Forbidden("Tenants cannot be signed up here.");
        }

        if (!Ids.IsValid(body.Tenant))
        {
            return Problems.InvalidId("tenant");
        }

        if (operators.Value.IsReserved(body.Tenant))
        {
            return Problems.Forbidden("This id is reserved for the operators of the system.");
        }

        if (DisplayNames.Normalize(body.Name) is not { } name)
        {
            return Problems.InvalidRequest($"'name' must be {DisplayNames.Rule}.", "$.name");
        }

        var (admin, invalid) = NewUser.Check(body.Admin, "$.admin");
        if (admin is null)
        {
            return invalid!;
        }

        if (await sessions.CheckReadyAsync(cancellationToken) is { } notReady)
        {
            return Problems.From(notReady);
        }

        if (!(await hashing.HashAsync(admin.Password, HashingLane.WithoutTenant(context), cancellationToken)).TryGet(out var hash, out var problem))
        {
            return Problems.From(problem);
        }

        var request = new CreateTenantRequest(
            body.Tenant,
            name,
            body.OpenRegistration ?? options.Value.OpenRegistration,
            options.Value.StorageQuotaBytes,
            admin.ToRequest(Ids.New(time), TenantRoles.Admin, hash));
        if (!(await dbman.Directory.CreateTenantAsync(request, cancellationToken)).TryGet(out var created, out problem))
        {
            return Problems.From(problem);
        }

        telemetry.Registered("tenant");
        return LoginEndpoints.Tokens(
            context, await sessions.StartAsync(CheckedUser.New(created.Admin), Caller.Of(context), cancellationToken), StatusCodes.Status201Created);
    }

    public static async Task<IResult> RegisterAsync(
        string tenant,
        RegisterRequest body,
        HttpContext context,
        DbmanClient dbman,
        PasswordHashing hashing,
        SessionStarter sessions,
        SessionTelemetry telemetry,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(tenant))
        {
            return Problems.InvalidId("tenant");
        }

        var (user, invalid) = NewUser.Check(body, "$");
        if (user is null)
        {
            return invalid!;
        }

        if (!(await dbman.Directory.GetTenantAsync(tenant, cancellationToken)).TryGet(out var found, out var problem))
        {
            return Problems.From(problem);
        }

        if (!found.OpenRegistration)
        {
            return Problems.Forbidden("This tenant's users are created by its admins.");
        }

        if (await sessions.CheckReadyAsync(cancellationToken) is { } notReady)
        {
            return Problems.From(notReady);
        }

        if (!(await StoreAsync(tenant, user, context, dbman, hashing, time, cancellationToken)).TryGet(out var created, out problem))
        {
            return Problems.From(problem);
        }

        telemetry.Registered("user");
        return LoginEndpoints.Tokens(context, await sessions.StartAsync(CheckedUser.New(created), Caller.Of(context), cancellationToken), StatusCodes.Status201Created);
    }

    public static async Task<IResult> CreateUserAsync(
        RegisterRequest body,
        UserIdentity me,
        HttpContext context,
        DbmanClient dbman,
        PasswordHashing hashing,
        SessionTelemetry telemetry,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!me.IsAdmin)
        {
            return Problems.Forbidden("Only admins create users.");
        }

        var (user, invalid) = NewUser.Check(body, "$");
        if (user is null)
        {
            return invalid!;
        }

        return (await StoreAsync(me.Tenant, user, context, dbman, hashing, time, cancellationToken)).ToHttp(created =>
        {
            telemetry.Registered("user");
            return TypedResults.Json(created.ToInfo(), PublicJsonContext.Default.UserInfo, statusCode: StatusCodes.Status201Created);
        });
    }

    private static async Task<ServiceResult<UserRecord>> StoreAsync(
        string tenant, NewUser user, HttpContext context, DbmanClient dbman, PasswordHashing hashing, TimeProvider time, CancellationToken cancellationToken)
    {
        var hash = await hashing.HashAsync(user.Password, HashingLane.Of(tenant, context), cancellationToken);
        return hash.IsSuccess
            ? await dbman.Directory.CreateUserAsync(
                tenant, user.ToRequest(Ids.New(time), TenantRoles.Member, hash.Value), cancellationToken)
            : hash.Problem;
    }
}
