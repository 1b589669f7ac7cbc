using Chat;
using Chat.Messages;
using Chat.Relay;
using Chat.Rooms;
using Chat.Web;
using ServiceDefaults;
using ServiceDefaults.Health;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddUserAuthentication();
builder.AddDbmanClient();
builder.AddRealtimeClient();
builder.AddSessionRevocation();
builder.AddDbmanHealthCheck();
builder.AddApi();
builder.AddRelay();
builder.AddMessages();
builder.AddRooms();
builder.AddWeb();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapRooms();
app.MapMembers();
app.MapMessages();
app.MapReadMarkers();
app.MapWeb();

await app.RunAsync();
