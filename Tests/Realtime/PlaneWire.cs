namespace Tests.Realtime;

/// <summary>The wire between a node and dbman: a test may have calls fail, or their answers be lost.</summary>
internal sealed class PlaneWire
{
    /// <summary>What happens to a call; null: it goes through.</summary>
    public Func<HttpRequestMessage, Fault?> Rule { get; set; } = static _ => null;

    /// <summary>Called for every call that was answered, before the node gets the answer.</summary>
    public Action<HttpRequestMessage> Answered { get; set; } = static _ => { };

    /// <summary>Nothing gets through, in either direction.</summary>
    public void Cut() => Rule = static _ => Fault.Refused;

    /// <summary>Everything gets through.</summary>
    public void Mend() => Rule = static _ => null;

    /// <summary>Whether the call adds a layout.</summary>
    public static bool IsChange(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath == Contracts.Dbman.DbmanRoutes.Layouts;

    /// <summary>Whether the call is a node's heartbeat.</summary>
    public static bool IsHeartbeat(HttpRequestMessage request) =>
        request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.StartsWith(Contracts.Dbman.DbmanRoutes.LayoutNodes, StringComparison.Ordinal);

    /// <summary>Whether the call asks for the driver's lease.</summary>
    public static bool IsDrive(HttpRequestMessage request) =>
        request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath == Contracts.Dbman.DbmanRoutes.LayoutDriver;

    /// <summary>What happens to a call.</summary>
    /// <param name="Sends">Whether dbman gets it.</param>
    /// <param name="Answer">Instead of dbman's answer; null: the connection is lost.</param>
    internal sealed record Fault(bool Sends, Func<HttpResponseMessage>? Answer = null)
    {
        public static Fault Refused { get; } = new(Sends: false);

        public static Fault AnswerLost { get; } = new(Sends: true);
    }

    internal sealed class Handler(PlaneWire wire) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (wire.Rule(request) is not { } fault)
            {
                var response = await base.SendAsync(request, cancellationToken);
                wire.Answered(request);
                return response;
            }

            if (fault.Sends)
            {
                using var lost = await base.SendAsync(request, cancellationToken);
            }

            return fault.Answer?.Invoke() ?? throw new HttpRequestException("The wire is cut.");
        }
    }
}
