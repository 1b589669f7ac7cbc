using Dbman.Credentials;
using Dbman.Directory;
using Dbman.Directory.Lives;
using Dbman.Figures;
using Dbman.Files;
using Dbman.Layouts;
using Dbman.Members;
using Dbman.Messages;
using Dbman.Requests;
using Dbman.Rooms;
using Dbman.Sessions;
using ServiceDefaults.Identity;
using ServiceDefaults.Requests;

namespace Dbman;

/// <summary>All of dbman's routes: for services only, each for those that it names, with valid ids, and 503 while PostgreSQL is away.</summary>
internal static class Endpoints
{
    public static void MapDbman(this IEndpointRouteBuilder routes)
    {
        var services = routes.MapGroup("")
            .RequireAuthorization(Policies.Service)
            .RequireRouteIds("username")
            .AddEndpointFilter<DatabaseFilter>();
        services.MapDirectory();
        services.MapUserLives();
        services.MapCredentials();
        services.MapSessions();
        services.MapRooms();
        services.MapMembers();
        services.MapMessages();
        services.MapFiles();
        services.MapLayouts();
        services.MapReplicas();
    }
}
