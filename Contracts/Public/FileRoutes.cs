namespace Contracts.Public;

/// <summary>Routes of fileman that applications call, as ASP.NET Core templates. All need a user's access token.</summary>
public static class FileRoutes
{
    /// <summary>POST uploads the body (201 <see cref="FileView"/>); GET lists files.</summary>
    public const string Files = "/v1/files";

    /// <summary>GET: what may be uploaded (<see cref="UploadLimits"/>), so that no client uploads what will be refused.</summary>
    public const string UploadLimits = Files + "/limits";

    /// <summary>GET; DELETE by its owner or a tenant admin.</summary>
    public const string File = Files + "/{file}";

    /// <summary>GET and HEAD: the bytes, with ranges and ETag.</summary>
    public const string Content = File + "/content";

    /// <summary>
    /// GET and HEAD: a small picture of a picture (image/webp), with ETag. 404 <see cref="ProblemTypes.ThumbnailNotFound"/> for a file without one:
    /// offer the file as a download.
    /// </summary>
    public const string Thumbnail = File + "/thumbnail";

    /// <summary>Percent-encoded UTF-8 name of an uploaded file; Content-Disposition is understood too.</summary>
    public const string FileNameHeader = "X-File-Name";
}
