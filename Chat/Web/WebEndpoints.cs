using Chat.Web.Demo;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using ServiceDefaults.Errors;

namespace Chat.Web;

/// <summary>The chat page. It is public: the page needs no user, only what it shows does.</summary>
internal static class WebEndpoints
{
    /// <summary>The address names the version, so what it answers never changes.</summary>
    private const string ForEver = "public, max-age=31536000, immutable";

    /// <summary>Ask every time whether it is still the same, which the ETag makes cheap.</summary>
    private const string AskAgain = "no-cache";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void AddWeb(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<WebOptions>(WebOptions.Section);
        builder.Services.AddSingleton<PageFiles>();
        builder.Services.AddSingleton<PageHeaders>();
        builder.AddDemo();
    }

    public static void MapWeb(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<WebOptions>>().Value.Enabled)
        {
            return;
        }

        var web = app.MapGroup("").AllowAnonymous().AddEndpointFilter(static (context, next) =>
        {
            context.HttpContext.RequestServices.GetRequiredService<PageHeaders>().Apply(context.HttpContext.Response);
            return next(context);
        });
        web.MapMethods(WebRoutes.Start, Methods, static (HttpContext context, PageFiles files) => files.Start.Send(context, AskAgain));
        web.MapMethods(WebRoutes.Config, Methods, GetConfig);
        web.MapMethods(WebRoutes.File, Methods, GetFile);
        web.MapMethods(WebRoutes.Sdk, Methods, static (string name, HttpContext context, PageFiles files) => Send(PageFiles.Sdk + name, AskAgain, context, files));
    }

    private static IResult GetConfig(HttpContext context, IOptions<WebOptions> web, IOptions<DemoOptions> demo)
    {
        context.Response.Headers.CacheControl = AskAgain;
        var options = web.Value;
        var config = new WebConfig(options.SessionUrl, "", options.FilemanUrl, options.RealtimeUrl, demo.Value.Enabled ? DemoContent.Config : null);
        return Results.Json(config, WebJsonContext.Default.WebConfig);
    }

    /// <summary>During a rolling update a page of one version meets a replica of another: it gets what is there, and must not keep it under that name.</summary>
    private static IResult GetFile(string version, string name, HttpContext context, PageFiles files) =>
        Send(name, version == files.Version ? ForEver : AskAgain, context, files);

    private static IResult Send(string name, string cacheControl, HttpContext context, PageFiles files) =>
        files.Find(name)?.Send(context, cacheControl) ?? Problems.NotFound("The page has no such file.");
}
