using Contracts;
using Contracts.Public;
using Contracts.Results;

namespace Client;

/// <summary>The part of the session service that needs no token.</summary>
internal sealed class SessionApi(HttpClient http)
{
    private static PublicJsonContext Wire => PublicJsonContext.Default;

    public Task<ServiceResult<TokenResponse>> SignUpAsync(SignUpRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, SessionRoutes.Tenants, ServiceHttp.Json(request, Wire.SignUpRequest), Wire.TokenResponse, idempotent: false, cancellationToken);

    public Task<ServiceResult<TokenResponse>> RegisterAsync(string tenant, RegisterRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(
            HttpMethod.Post,
            RouteTemplate.Fill(SessionRoutes.Register, tenant),
            ServiceHttp.Json(request, Wire.RegisterRequest),
            Wire.TokenResponse,
            idempotent: false,
            cancellationToken);

    public Task<ServiceResult<TokenResponse>> LoginAsync(LoginRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, SessionRoutes.Login, ServiceHttp.Json(request, Wire.LoginRequest), Wire.TokenResponse, idempotent: false, cancellationToken);

    public Task<ServiceResult<TokenResponse>> RefreshAsync(RefreshRequest request, CancellationToken cancellationToken) =>
        http.SendAsync(HttpMethod.Post, SessionRoutes.Refresh, ServiceHttp.Json(request, Wire.RefreshRequest), Wire.TokenResponse, idempotent: false, cancellationToken);
}
