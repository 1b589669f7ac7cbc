using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Errors;

/// <summary>Puts problem details under everything that an endpoint did not answer itself.</summary>
internal static class ErrorHandling
{
    public static void AddErrorHandling(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IExceptionHandler, ProblemExceptionHandler>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<Microsoft.AspNetCore.Hosting.IStartupFilter, ErrorStartupFilter>());

        // Outside Development the framework answers a malformed body with an empty 400; as an exception, it says where the body is wrong.
        builder.Services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<ExceptionHandlerOptions>(static options =>
            options.SuppressDiagnosticsCallback = static context => context.Exception is BadHttpRequestException);
    }

    public static void UseErrorHandling(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(static context => FillAsync(context.HttpContext));
    }

    private static Task FillAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        if (status == StatusCodes.Status400BadRequest && UnparsedParameter(context) is { } name)
        {
            return Problems.Unbound(name).ExecuteAsync(context);
        }

        TimeSpan? retryAfter = int.TryParse(context.Response.Headers.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
        return Problems.Of(status, ProblemTitles.TypeOf(status), Describe(context, status), retryAfter).ExecuteAsync(context);
    }

    /// <summary>Endpoints that the compiler binds answer an optional parameter that does not parse with an empty 400, also where they are to throw.</summary>
    private static string? UnparsedParameter(HttpContext context) => context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
        .FirstOrDefault(parameter => parameter.HasTryParse
            && context.Request.Query[parameter.Name] is [{ Length: > 0 } text]
            && !TypeDescriptor.GetConverter(parameter.ParameterInfo.ParameterType).IsValid(text))?.Name;

    private static string? Describe(HttpContext context, int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this path.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here.",
        StatusCodes.Status413PayloadTooLarge => "The body is longer than allowed.",
        StatusCodes.Status415UnsupportedMediaType => "The media type is not accepted here.",
        _ => null,
    };

    /// <summary>The outermost layer, so that nothing can fail outside of it.</summary>
    private sealed class ErrorStartupFilter : Microsoft.AspNetCore.Hosting.IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseErrorHandling();
            next(app);
        };
    }
}
