namespace ServiceDefaults.Http;

/// <summary>
/// Reads the whole body inside the attempt: its timeout and its retries then cover a body that stalls or breaks off, and the
/// body has a bound. Calls between services carry small JSON only.
/// </summary>
internal sealed class BufferedResponseHandler(int maxBytes) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(maxBytes, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
