using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Errors;

/// <summary>Every failure that a service answers with, as a result for its endpoints.</summary>
public static class Problems
{
    /// <summary>The default Retry-After.</summary>
    public static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A problem of any type; 429 and 503 always get a Retry-After.</summary>
    public static ProblemResult Of(int status, string type, string? detail = null, TimeSpan? retryAfter = null) =>
        new(status, type, detail, path: null, NeedsRetryAfter(status) ? retryAfter ?? DefaultRetryAfter : retryAfter);

    /// <summary>What another service refused, handed on as it is.</summary>
    public static ProblemResult From(ServiceProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return Of(problem.Status, problem.Type, problem.Detail, problem.RetryAfter);
    }

    /// <summary>400: the body, query or route is malformed.</summary>
    /// <param name="detail">Names the field and the rule.</param>
    /// <param name="path">JSON path or parameter name.</param>
    public static ProblemResult InvalidRequest(string detail, string? path = null) =>
        new(StatusCodes.Status400BadRequest, ProblemTypes.InvalidRequest, detail, path);

    /// <summary>400: a parameter is not there, or of another form.</summary>
    /// <param name="name">As it is in the query or the route.</param>
    public static ProblemResult Unbound(string name) => InvalidRequest($"'{name}' is missing, or not what is expected here.", name);

    /// <summary>400: an id breaks <see cref="Ids.Rule"/>.</summary>
    /// <param name="name">Which id: "room", "user", ...</param>
    public static ProblemResult InvalidId(string name) =>
        new(StatusCodes.Status400BadRequest, ProblemTypes.InvalidId, $"'{name}' must be {Ids.Rule}.", name);

    /// <summary>400: a message breaks <see cref="MessageRules"/>.</summary>
    public static ProblemResult From(MessageBreach breach)
    {
        ArgumentNullException.ThrowIfNull(breach);
        return new(StatusCodes.Status400BadRequest, breach.Type, breach.Detail, breach.Field);
    }

    /// <summary>401.</summary>
    public static ProblemResult Unauthenticated(string detail, string type = ProblemTypes.Unauthenticated) =>
        Of(StatusCodes.Status401Unauthorized, type, detail);

    /// <summary>403.</summary>
    public static ProblemResult Forbidden(string detail, string type = ProblemTypes.Forbidden) =>
        Of(StatusCodes.Status403Forbidden, type, detail);

    /// <summary>404.</summary>
    public static ProblemResult NotFound(string detail, string type = ProblemTypes.NotFound) =>
        Of(StatusCodes.Status404NotFound, type, detail);

    /// <summary>409.</summary>
    public static ProblemResult Conflict(string detail, string type = ProblemTypes.Conflict) =>
        Of(StatusCodes.Status409Conflict, type, detail);

    /// <summary>408: the rest of the body is not waited for, so the connection ends with this answer.</summary>
    public static ProblemResult Late(string detail) =>
        Of(StatusCodes.Status408RequestTimeout, ProblemTypes.RequestTimeout, detail);

    /// <summary>412.</summary>
    public static ProblemResult PreconditionFailed(string detail) =>
        Of(StatusCodes.Status412PreconditionFailed, ProblemTypes.PreconditionFailed, detail);

    /// <summary>413.</summary>
    public static ProblemResult TooLarge(string detail, string type = ProblemTypes.PayloadTooLarge) =>
        Of(StatusCodes.Status413PayloadTooLarge, type, detail);

    /// <summary>415.</summary>
    public static ProblemResult UnsupportedMediaType(string detail) =>
        Of(StatusCodes.Status415UnsupportedMediaType, ProblemTypes.UnsupportedMediaType, detail);

    /// <summary>416.</summary>
    public static ProblemResult RangeNotSatisfiable(string detail) =>
        Of(StatusCodes.Status416RangeNotSatisfiable, ProblemTypes.RangeNotSatisfiable, detail);

    /// <summary>429.</summary>
    public static ProblemResult TooManyRequests(string detail, TimeSpan retryAfter) =>
        Of(StatusCodes.Status429TooManyRequests, ProblemTypes.TooManyRequests, detail, retryAfter);

    /// <summary>503: this replica has no room for the call now.</summary>
    public static ProblemResult Overloaded(string detail, TimeSpan? retryAfter = null) =>
        Of(StatusCodes.Status503ServiceUnavailable, ProblemTypes.Overloaded, detail, retryAfter);

    /// <summary>503: something that this service needs is away.</summary>
    public static ProblemResult Unavailable(string detail, string type = ProblemTypes.DependencyUnavailable, TimeSpan? retryAfter = null) =>
        Of(StatusCodes.Status503ServiceUnavailable, type, detail, retryAfter);

    /// <summary>The value through <paramref name="onSuccess"/>, or the problem as it came.</summary>
    public static IResult ToHttp<T>(this ServiceResult<T> result, Func<T, IResult> onSuccess)
    {
        ArgumentNullException.ThrowIfNull(onSuccess);
        return result.IsSuccess ? onSuccess(result.Value) : From(result.Problem);
    }

    private static bool NeedsRetryAfter(int status) =>
        status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;
}
