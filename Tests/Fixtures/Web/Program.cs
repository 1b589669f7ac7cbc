using System.Net.WebSockets;

var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
var ready = builder.Configuration["START_UNREADY"] is null;

app.UseWebSockets();
app.MapGet("/health/ready", () => ready ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
app.MapPut("/ready/{value:bool}", (bool value) => { ready = value; });
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/arguments", () => args);
app.MapPost("/length", async (HttpRequest request, CancellationToken cancellationToken) =>
{
    using var reader = new StreamReader(request.Body);
    return (await reader.ReadToEndAsync(cancellationToken)).Length;
});
app.MapPost("/exit/{code:int}", (int code) => Environment.Exit(code));
app.MapGet("/echo", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[4_096];
    while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } frame)
    {
        await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, context.RequestAborted);
    }

    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, context.RequestAborted);
});

await app.RunAsync();
