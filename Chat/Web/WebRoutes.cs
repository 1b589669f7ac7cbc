namespace Chat.Web;

/// <summary>Where the page and what it is made of are found.</summary>
internal static class WebRoutes
{
    /// <summary>GET: the page.</summary>
    public const string Start = "/";

    /// <summary>Below it, after a version, the page's files.</summary>
    public const string Files = "/web";

    /// <summary>GET: where the services are.</summary>
    public const string Config = Files + "/config.json";

    /// <summary>GET: a file of the page, in the version that its address names.</summary>
    public const string File = Files + "/{version}/{**name}";

    /// <summary>GET: a file of the JavaScript SDK, in the version of this service.</summary>
    public const string Sdk = "/sdk/{**name}";
}
