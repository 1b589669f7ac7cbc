using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Contracts.Results;
using Layouts.Admin;
using Layouts.Console;
using Layouts.Console.Access;
using ServiceDefaults.Identity;

namespace Layouts.CommandLine;

/// <summary>Outcome of a call.</summary>
/// <param name="Value">The answer.</param>
/// <param name="Json">The answer as it came.</param>
/// <param name="Problem">The refusal.</param>
/// <param name="Unreachable">Why no node answered.</param>
internal readonly record struct Answer<T>(T? Value, string Json, ServiceProblem? Problem, string? Unreachable)
    where T : class;

/// <summary>Calls the admin API. No retries: the operator decides about that.</summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>A status of a thousand scopes and nodes takes less.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly ServiceTokenSource _tokens;

    public AdminClient(Uri address, ServiceTokenSource tokens)
    {
        Address = address;
        _tokens = tokens;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = address,
            Timeout = Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    public Uri Address { get; }

    public Task<Answer<LayoutStatus>> StatusAsync(string? scope, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, scope is null ? AdminRoutes.Layouts : $"{AdminRoutes.Layouts}?scope={Uri.EscapeDataString(scope)}", null, AdminJsonContext.Default.LayoutStatus, cancellationToken);

    public Task<Answer<NodesView>> NodesAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, AdminRoutes.Nodes, null, AdminJsonContext.Default.NodesView, cancellationToken);

    public Task<Answer<HistoryView>> HistoryAsync(long? before, int limit, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"{AdminRoutes.History}?limit={limit}{Before(before)}", null, AdminJsonContext.Default.HistoryView, cancellationToken);

    public Task<Answer<Page<Contracts.Layouts.LayoutDecision>>> DecisionsAsync(long? before, int limit, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"{AdminRoutes.Decisions}?limit={limit}{Before(before)}", null, AdminJsonContext.Default.PageLayoutDecision, cancellationToken);

    public Task<Answer<HotRoomsView>> HotAsync(int limit, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"{AdminRoutes.Hot}?limit={limit}", null, AdminJsonContext.Default.HotRoomsView, cancellationToken);

    public Task<Answer<ProposalsView>> ProposalsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, AdminRoutes.Proposals, null, AdminJsonContext.Default.ProposalsView, cancellationToken);

    public Task<Answer<AutopilotsView>> AutopilotsAsync(string? scope, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, scope is null ? AdminRoutes.Autopilot : $"{AdminRoutes.Autopilot}?scope={Uri.EscapeDataString(scope)}", null, AdminJsonContext.Default.AutopilotsView, cancellationToken);

    /// <summary>An answer without a value is a success.</summary>
    public Task<Answer<LayoutPlan>> StopAutopilotAsync(string scope, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"{AdminRoutes.Autopilot}?scope={Uri.EscapeDataString(scope)}", null, AdminJsonContext.Default.LayoutPlan, cancellationToken);

    public Task<Answer<LayoutPlan>> AskAsync(Ask ask, bool isDry, CancellationToken cancellationToken) =>
        SendAsync(ask.Method, $"{ask.Route}?dryRun={(isDry ? "true" : "false")}", ask.Body, AdminJsonContext.Default.LayoutPlan, cancellationToken);

    /// <summary>An answer without a value is a success.</summary>
    public Task<Answer<LayoutPlan>> ClearAsync(string scope, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"{AdminRoutes.Goal}?scope={Uri.EscapeDataString(scope)}", null, AdminJsonContext.Default.LayoutPlan, cancellationToken);

    /// <summary>A link for one sign-in to the console.</summary>
    public Task<Answer<ConsoleLinkView>> LinkAsync(string by, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        ConsoleRoutes.Links,
        JsonSerializer.Serialize(new ConsoleLinkRequest(by), ConsoleJsonContext.Default.ConsoleLinkRequest),
        ConsoleJsonContext.Default.ConsoleLinkView,
        cancellationToken);

    public void Dispose() => _http.Dispose();

    private static string Before(long? before) => before is { } id ? $"&before={id}" : "";

    private async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, string? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Issue());
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? new Answer<T>(text.Length == 0 ? null : JsonSerializer.Deserialize(text, type), text, null, null)
                : new Answer<T>(null, text, ReadProblem((int)response.StatusCode, response.ReasonPhrase, text), null);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Answer<T>(null, "", null, exception.Message);
        }
    }

    private static ServiceProblem ReadProblem(int status, string? reason, string text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text, ContractsJsonContext.Default.ServiceProblem) is { } problem)
            {
                return problem with { Status = status };
            }
        }
        catch (JsonException)
        {
            // No problem of ours: a proxy's page, for example. The status is what is known.
        }

        return new ServiceProblem(status, "about:blank", reason ?? "Error");
    }
}

/// <summary>A change, as the API takes it.</summary>
internal sealed record Ask(HttpMethod Method, string Route, string Body);
