using Contracts.Public;
using Contracts.Rooms;

namespace Chat.Web.Demo;

/// <summary>What the demo consists of. Ids are fixed, so that making it twice is making it once.</summary>
internal static class DemoContent
{
    public const string Tenant = "demo";
    public const string TenantName = "Demo";
    public const string Password = "open sesame, please";

    /// <summary>The first one is the tenant's admin.</summary>
    public static readonly IReadOnlyList<DemoUser> Users =
    [
        new("ada", "Ada Okafor"),
        new("bob", "Bob Lindqvist"),
        new("chen", "Chen Wei"),
    ];

    /// <summary>The first member is the owner.</summary>
    public static readonly IReadOnlyList<DemoRoom> Rooms =
    [
        new("demo-design", "Design review", RoomVisibilities.Public, ["chen", "ada"],
        [
            new("chen", "New mock-ups for the room list are in. Unread rooms are bold now, and the count sits at the edge where the eye looks for it."),
            new("ada", "Much calmer. Does it still work at 390 px?"),
            new("chen", "The list becomes a drawer there. Nothing jumps when it opens."),
        ]),
        new("demo-launch", "Launch plan", RoomVisibilities.Private, ["ada", "bob"],
        [
            new("ada", "Only the two of us can see this room: it is private, and members are added by its owner."),
            new("bob", "Then here is the list:\n1. Load test on Tuesday\n2. Freeze on Wednesday\n3. Cake on Thursday"),
            new("ada", "In that order, please."),
        ]),
        new("demo-random", "Random", RoomVisibilities.Public, ["bob", "chen"],
        [
            new("bob", "Found a café that plays nothing but rain sounds. Ten out of ten."),
            new("chen", "Does it have an umbrella stand?"),
        ]),
        // The last one: its last message says that all of it is there.
        new("demo-welcome", "Welcome", RoomVisibilities.Public, ["ada", "bob", "chen"],
        [
            new("ada", "Welcome! Open this page in a second window as another demo user and write something: it arrives once and in order."),
            new("bob", "I pulled my network cable in the middle of a sentence yesterday. When I plugged it in again, everything was there."),
            new("chen", "And what you had written meanwhile?"),
            new("bob", "Waited, and went out once. The panel “Under the hood” shows the number and the delay of each message."),
            new("ada", "How messages travel is explained at https://example.org/architecture, in case you like diagrams."),
            new("chen", "Files work too: drop one here, or paste a screenshot."),
        ]),
    ];

    public static readonly DemoConfig Config = new(Tenant, Password, [.. Users.Select(static user => new DemoUserConfig(user.Username, user.DisplayName))]);

    public static SignUpRequest SignUp => new(Tenant, TenantName, Users[0].Register, OpenRegistration: true);
}

internal sealed record DemoUser(string Username, string DisplayName)
{
    public RegisterRequest Register => new(Username, DemoContent.Password, DisplayName);
}

internal sealed record DemoRoom(string Id, string Name, string Visibility, IReadOnlyList<string> Members, IReadOnlyList<DemoMessage> Messages)
{
    /// <summary>Id of its message number <paramref name="index"/>, from 0.</summary>
    public string MessageId(int index) => $"{Id}-{index + 1}";
}

internal sealed record DemoMessage(string Sender, string Text);
