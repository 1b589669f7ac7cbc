using System.Text.Json;
using Contracts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Errors;

/// <summary>
/// Makes problem details of what was thrown. A request that cannot be read is the caller's fault and says where; anything else is
/// ours and, outside Development, says nothing but a trace id. The middleware around this logs what is ours, and treats a caller
/// that went away as neither.
/// </summary>
internal sealed class ProblemExceptionHandler(IHostEnvironment environment) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await Map(exception).ExecuteAsync(httpContext);
        return true;
    }

    private ProblemResult Map(Exception exception) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => Malformed(json),
        BadHttpRequestException bad => Unreadable(bad),
        _ => Problems.Of(
            StatusCodes.Status500InternalServerError,
            ProblemTypes.InternalError,
            environment.IsDevelopment() ? exception.ToString() : "Something failed on our side; the trace id finds it."),
    };

    private static ProblemResult Malformed(JsonException json)
    {
        var path = string.IsNullOrEmpty(json.Path) ? "$" : json.Path;
        return Problems.InvalidRequest(
            json.LineNumber is { } line
                ? $"The body is not the JSON that is expected here: see '{path}', line {line + 1}, byte {json.BytePositionInLine + 1}."
                : $"The body is not the JSON that is expected here: see '{path}'.",
            path);
    }

    private static ProblemResult Unreadable(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status400BadRequest => Problems.InvalidRequest(bad.Message),
        StatusCodes.Status413PayloadTooLarge => Problems.TooLarge("The body is longer than allowed."),
        StatusCodes.Status415UnsupportedMediaType => Problems.UnsupportedMediaType("The media type is not accepted here."),
        _ => Problems.Of(bad.StatusCode, ProblemTitles.TypeOf(bad.StatusCode), bad.Message),
    };
}
