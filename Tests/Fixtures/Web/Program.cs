using System.Net.WebSockets;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
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

// Writes lines at a pace: a hundred times a second as many as are due.
app.MapPost("/flood/{rate:int}/{seconds:int}", async (int rate, int seconds, TimeProvider time, CancellationToken cancellationToken) =>
{
    using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10), time);
    var start = time.GetTimestamp();
    for (var written = 0; written < rate * seconds;)
    {
        await tick.WaitForNextTickAsync(cancellationToken);
        var due = Math.Min(rate * seconds, (int)(time.GetElapsedTime(start).TotalSeconds * rate));
        var lines = new System.Text.StringBuilder();
        while (written < due)
        {
            lines.Append($"info: flood {++written} of {rate * seconds}, as long as a line of a log usually is: GET /v1/rooms/general/messages 200 in 3.1 ms\n");
        }

        await Console.Out.WriteAsync(lines, cancellationToken);
    }
});
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
