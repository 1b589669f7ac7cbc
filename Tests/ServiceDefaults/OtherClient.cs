using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Http;

namespace Tests.ServiceDefaults;

/// <summary>A typed client as services have them, of a service named "other".</summary>
internal sealed class OtherClient(HttpClient http)
{
    public HttpClient Http { get; } = http;
}

internal static class OtherClients
{
    public static IHttpClientBuilder AddOtherClient(this WebApplicationBuilder builder) => builder.AddServiceClient<OtherClient>("other");
}
