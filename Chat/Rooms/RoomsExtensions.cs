namespace Chat.Rooms;

internal static class RoomsExtensions
{
    public static void AddRooms(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<RoomEvents>();
}
