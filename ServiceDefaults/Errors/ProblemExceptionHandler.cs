using System.Buffers;
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
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

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

    /// <summary>The exception's own message names our types and is not sent; the position and the member are.</summary>
    private static ProblemResult Malformed(JsonException json)
    {
        var path = string.IsNullOrEmpty(json.Path) ? "$" : json.Path;
        if (MissingMember(json.Message) is { } missing)
        {
            path = $"{path}.{missing}";
            return Problems.InvalidRequest($"'{path}' is missing.", path);
        }

        return Problems.InvalidRequest(
            json.LineNumber is { } line
                ? $"The body is not the JSON that is expected here: see '{path}', line {line + 1}, byte {json.BytePositionInLine + 1}."
                : $"The body is not the JSON that is expected here: see '{path}'.",
            path);
    }

    private static ProblemResult Unreadable(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status400BadRequest when UnboundParameter(bad.Message) is { } unbound =>
            Problems.Unbound(unbound),
        StatusCodes.Status400BadRequest when bad.Message.StartsWith("Implicit body inferred", StringComparison.Ordinal) =>
            Problems.InvalidRequest("The body is missing: JSON is expected here.", "$"),
        StatusCodes.Status400BadRequest => Problems.InvalidRequest("The request is malformed."),
        StatusCodes.Status408RequestTimeout => Problems.Late("The body came too slowly."),
        StatusCodes.Status413PayloadTooLarge => Problems.TooLarge("The body is longer than allowed."),
        StatusCodes.Status415UnsupportedMediaType => Problems.UnsupportedMediaType("The media type is not accepted here."),
        _ => Problems.Of(bad.StatusCode, ProblemTitles.TypeOf(bad.StatusCode)),
    };

    /// <summary>The name in "Failed to bind parameter "long after" from "x"." or "Required parameter "string tenant" was not provided from query string."; null in another text.</summary>
    private static string? UnboundParameter(string message)
    {
        if (!message.StartsWith("Failed to bind parameter \"", StringComparison.Ordinal) && !message.StartsWith("Required parameter \"", StringComparison.Ordinal))
        {
            return null;
        }

        var parameter = Between(message.AsSpan(message.IndexOf('"')), '"');
        return NameOf(parameter[(parameter.LastIndexOf(' ') + 1)..]);
    }

    /// <summary>The first name in "... was missing required properties including: 'text', 'id'."; null in another text.</summary>
    private static string? MissingMember(string message)
    {
        const string Missing = "missing required properties";
        var at = message.IndexOf(Missing, StringComparison.Ordinal);
        return at < 0 ? null : NameOf(Between(message.AsSpan(at + Missing.Length), '\''));
    }

    private static ReadOnlySpan<char> Between(ReadOnlySpan<char> text, char quote)
    {
        var from = text[(text.IndexOf(quote) + 1)..];
        var length = from.IndexOf(quote);
        return length < 0 ? [] : from[..length];
    }

    private static string? NameOf(ReadOnlySpan<char> text) => text.IsEmpty || text.ContainsAnyExcept(NameCharacters) ? null : text.ToString();
}
