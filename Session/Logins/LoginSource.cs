using Session.Throttling;

namespace Session.Logins;

/// <summary>Where an attempt to log in comes from: what it does wrong is held against that, and not against the user whose name it used.</summary>
/// <param name="Key">As it is counted under a user name.</param>
/// <param name="Address">Where the call comes from.</param>
/// <param name="IsKnown">A device that the user was signed in on before, or a session of the user.</param>
internal readonly record struct LoginSource(string Key, AddressKey Address, bool IsKnown)
{
    /// <summary>All sources that are not known, together.</summary>
    public const string Unknown = "";

    public static LoginSource OfDevice(string device, HttpContext context) => new("device:" + device, AddressKey.Of(context), IsKnown: true);

    public static LoginSource OfSession(string session, HttpContext context) => new("session:" + session, AddressKey.Of(context), IsKnown: true);

    public static LoginSource OfAddress(HttpContext context)
    {
        var address = AddressKey.Of(context);
        return new LoginSource("address:" + address, address, IsKnown: false);
    }
}
