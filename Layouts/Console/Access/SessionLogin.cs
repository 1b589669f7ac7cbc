using System.Text.Json;
using Contracts;
using Contracts.Public;
using Contracts.Results;

namespace Layouts.Console.Access;

/// <summary>Asks Session whether a password is right, by the same route as everybody: its limits and locks apply.</summary>
internal sealed class SessionLogin(HttpClient http)
{
    public async Task<ServiceResult<TokenResponse>> LoginAsync(LoginRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.PostAsJsonAsync(SessionRoutes.Login, request, PublicJsonContext.Default.LoginRequest, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadFromJsonAsync(PublicJsonContext.Default.TokenResponse, cancellationToken) is { } tokens
                    ? tokens
                    : Unavailable("Session's answer was empty.");
            }

            return await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.ServiceProblem, cancellationToken) is { } problem
                ? problem with { Status = (int)response.StatusCode }
                : Unavailable("Session's refusal was empty.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is HttpRequestException or JsonException or OperationCanceledException or Polly.ExecutionRejectedException)
        {
            return Unavailable(exception.Message);
        }
    }

    private static ServiceProblem Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, ProblemTypes.DependencyUnavailable, "Session does not answer", detail);
}
