using Contracts;
using Dbman.Postgres;
using ServiceDefaults.Errors;

namespace Dbman.Requests;

/// <summary>Answers 503 while the schema is not current, and when PostgreSQL fails a call.</summary>
internal sealed class DatabaseFilter(DatabaseState state, DatabaseTelemetry telemetry, ILogger<DatabaseFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (state.Reason is { } reason)
        {
            return Problems.Unavailable(reason, ProblemTypes.DatabaseUnavailable, DatabaseFailure.RetryAfter);
        }

        try
        {
            return await next(context);
        }
        catch (Exception exception) when (DatabaseFailure.Of(exception) is { } failure)
        {
            telemetry.Failed(failure);
            logger.DatabaseFailed(failure.Label, exception.Message);
            return Problems.Unavailable(failure.Detail, failure.ProblemType, DatabaseFailure.RetryAfter);
        }
        catch (Exception exception) when (DatabaseFailure.IsDuplicate(exception))
        {
            // Two calls brought the same new key at the same time, and this one came second.
            return Problems.Conflict("A row with this key already exists.");
        }
    }
}
