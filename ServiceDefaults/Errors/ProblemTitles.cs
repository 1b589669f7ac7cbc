using Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ServiceDefaults.Errors;

/// <summary>Type by status where the code that failed set no more than a status, and title by type.</summary>
internal static class ProblemTitles
{
    public static string TypeOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => ProblemTypes.InvalidRequest,
        StatusCodes.Status401Unauthorized => ProblemTypes.Unauthenticated,
        StatusCodes.Status403Forbidden => ProblemTypes.Forbidden,
        StatusCodes.Status404NotFound => ProblemTypes.NotFound,
        StatusCodes.Status405MethodNotAllowed => ProblemTypes.MethodNotAllowed,
        StatusCodes.Status408RequestTimeout => ProblemTypes.RequestTimeout,
        StatusCodes.Status409Conflict => ProblemTypes.Conflict,
        StatusCodes.Status412PreconditionFailed => ProblemTypes.PreconditionFailed,
        StatusCodes.Status413PayloadTooLarge => ProblemTypes.PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ProblemTypes.UnsupportedMediaType,
        StatusCodes.Status416RangeNotSatisfiable => ProblemTypes.RangeNotSatisfiable,
        StatusCodes.Status429TooManyRequests => ProblemTypes.TooManyRequests,
        StatusCodes.Status503ServiceUnavailable => ProblemTypes.Overloaded,
        StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout => ProblemTypes.DependencyUnavailable,
        < 500 => ProblemTypes.InvalidRequest,
        _ => ProblemTypes.InternalError,
    };

    /// <summary>"urn:problem:last-owner" reads "Last owner"; foreign types read as their status.</summary>
    public static string TitleOf(string type, int status)
    {
        const string prefix = "urn:problem:";
        if (!type.StartsWith(prefix, StringComparison.Ordinal) || type.Length == prefix.Length)
        {
            return ReasonPhrases.GetReasonPhrase(status);
        }

        return string.Create(type.Length - prefix.Length, type, static (title, type) =>
        {
            type.AsSpan("urn:problem:".Length).CopyTo(title);
            title.Replace('-', ' ');
            title[0] = char.ToUpperInvariant(title[0]);
        });
    }
}
