using Microsoft.Playwright;

namespace Tests.Infrastructure.Browsing;

/// <summary>
/// The WebSockets of a page, whose messages from the server can be held back. What the page sends meanwhile is based on what it got before, as on a
/// slow line. Set it up before the page is opened.
/// </summary>
internal sealed class HeldLine
{
    // Readers of the socket set onmessage, as SignalR does.
    private const string Script = """
        window.heldLine = { holds: false, held: [] };
        window.WebSocket = class extends WebSocket {
          get onmessage() { return super.onmessage; }
          set onmessage(handler) {
            super.onmessage = event => heldLine.holds ? heldLine.held.push(() => handler(event)) : handler(event);
          }
        };
        """;

    private readonly IPage _page;

    private HeldLine(IPage page) => _page = page;

    public static async Task<HeldLine> OfAsync(IPage page)
    {
        await page.AddInitScriptAsync(Script);
        return new HeldLine(page);
    }

    /// <summary>The page gets nothing from here on.</summary>
    public Task HoldAsync() => _page.EvaluateAsync("() => { heldLine.holds = true; }");

    /// <summary>The page gets what was held back, in order, and everything after it. Returns how many messages that were.</summary>
    public Task<int> ReleaseAsync() => _page.EvaluateAsync<int>(
        "() => { const held = heldLine.held.splice(0); heldLine.holds = false; held.forEach(deliver => deliver()); return held.length; }");
}
