using Client;
using Contracts;
using Contracts.Public;
using Contracts.Rooms;
using Microsoft.Playwright;
using Tests.EndToEnd;
using Tests.Infrastructure.Browsing;

namespace Tests.Chat.Web;

/// <summary>A tenant of the test's own with one public room, and the people in it, each in a browser of their own.</summary>
internal sealed class Lounge : IAsyncDisposable
{
    public const string Room = "lounge";
    public const string Name = "The lounge";

    /// <summary>Name of the user who made the tenant and the room.</summary>
    public const string Owner = "admin";

    private readonly RunningSystem _system;
    private readonly Browser _browser;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<string, ChatClient> _people = new(StringComparer.Ordinal);
    private readonly List<ChatPage> _pages = [];

    private Lounge(RunningSystem system, Browser browser, ChatClient admin, CancellationToken cancellationToken)
    {
        (_system, _browser, Admin, _cancellationToken) = (system, browser, admin, cancellationToken);
        _people[Owner] = admin;
    }

    /// <summary>The user who made the tenant and the room, by the SDK.</summary>
    public ChatClient Admin { get; }

    public string Tenant => Admin.SignedIn!.Tenant;

    public static async Task<Lounge> OpenAsync(RunningSystem system, Browser browser, CancellationToken cancellationToken)
    {
        var admin = await system.NewTenantAsync("page", cancellationToken);
        var room = await admin.Rooms.CreateAsync(new NewRoom(Name, Room, RoomVisibilities.Public), cancellationToken);
        Assert.True(room.IsSuccess, room.Problem?.ToString());
        return new Lounge(system, browser, admin, cancellationToken);
    }

    /// <summary>Somebody of the tenant who is in the room, by the SDK; registered when first named.</summary>
    public async Task<ChatClient> PersonAsync(string username)
    {
        if (!_people.TryGetValue(username, out var person))
        {
            _people[username] = person = await _system.NewUserAsync(Tenant, username, _cancellationToken);
            Assert.True((await person.Rooms.JoinAsync(Room, _cancellationToken)).IsSuccess);
        }

        return person;
    }

    /// <summary>The page of somebody, signed in. Which room is open is the page's choice.</summary>
    public async Task<ChatPage> SignInAsync(string username, BrowserNewContextOptions? options = null)
    {
        await PersonAsync(username);
        var page = await ChatPage.OpenAsync(_browser, _system, _cancellationToken, options);
        _pages.Add(page);
        await page.SignInAsync(Tenant, username);
        return page;
    }

    /// <summary>The page of somebody, signed in and in the room.</summary>
    public async Task<ChatPage> EnterAsync(string username, BrowserNewContextOptions? options = null)
    {
        var page = await SignInAsync(username, options);
        await page.OpenRoomAsync(Name);
        return page;
    }

    /// <summary>The pages of two people in the room: its owner, and a member.</summary>
    public async Task<(ChatPage Owner, ChatPage Bob)> EnterBothAsync() => (await EnterAsync(Owner), await EnterAsync("bob"));

    /// <summary>Posts "message 1", "message 2" and so on.</summary>
    public async Task PostAsync(int from, int count)
    {
        foreach (var number in Enumerable.Range(from, count))
        {
            var posted = await Admin.Messages.PostAsync(Room, new NewMessage($"message {number}", Ids.New(TimeProvider.System)), _cancellationToken);
            Assert.True(posted.IsSuccess, posted.Problem?.ToString());
        }
    }

    /// <summary>Texts of the room's messages as they are stored.</summary>
    public async Task<IReadOnlyList<string>> StoredAsync() =>
        [.. (await Admin.Messages.GetAfterAsync(Room, 0, cancellationToken: _cancellationToken)).Value.Messages.Select(static message => message.Text)];

    public async ValueTask DisposeAsync()
    {
        foreach (var page in _pages)
        {
            await page.DisposeAsync();
        }

        foreach (var person in _people.Values)
        {
            await person.DisposeAsync();
        }
    }
}
