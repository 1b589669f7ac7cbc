using System.Net;
using Contracts;
using Contracts.Public;

namespace Chat.Web.Demo;

/// <summary>Makes accounts the way everybody does, through session's public API: passwords are session's alone.</summary>
internal sealed class DemoAccounts(HttpClient session)
{
    /// <summary>Whether the tenant is there now, made by this call or before.</summary>
    public Task<bool> SignUpAsync(SignUpRequest request, CancellationToken cancellationToken) =>
        PostAsync(SessionRoutes.Tenants, JsonContent.Create(request, PublicJsonContext.Default.SignUpRequest), cancellationToken);

    /// <summary>Whether the user is there now, made by this call or before.</summary>
    public Task<bool> RegisterAsync(string tenant, RegisterRequest request, CancellationToken cancellationToken) =>
        PostAsync(
            SessionRoutes.Register.Replace("{tenant}", tenant, StringComparison.Ordinal),
            JsonContent.Create(request, PublicJsonContext.Default.RegisterRequest),
            cancellationToken);

    private async Task<bool> PostAsync(string route, HttpContent content, CancellationToken cancellationToken)
    {
        using var response = await session.PostAsync(route, content, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict)
        {
            var problem = await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.ServiceProblem, cancellationToken);
            return problem is not null && (problem.Is(ProblemTypes.TenantExists) || problem.Is(ProblemTypes.UsernameTaken));
        }

        return response.IsSuccessStatusCode;
    }
}
