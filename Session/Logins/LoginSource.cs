using Session.Throttling;

namespace Session.Logins;

/// <summary>Where an attempt to log in comes from: what it does wrong is held against that, and not against the user whose name it used.</summary>
/// <param name="Key">As it is counted under a user name.</param>
/// <param name="Address">Where the call comes from.</param>
/// <param name="IsKnown">A device that the user was signed in on before, or a session of the user.</param>
/// <param name="Owner">Of a device: its owner, who need not be the user who has the name now.</param>
internal readonly record struct LoginSource(string Key, AddressKey Address, bool IsKnown, string? Owner = null)
{
    /// <summary>All sources that are not known, together.</summary>
    public const string Unknown = "";

    public static LoginSource OfDevice(KnownDevice device, HttpContext context) => new("device:" + device.Id, AddressKey.Of(context), IsKnown: true, device.Owner);

    public static LoginSource OfSession(string session, HttpContext context) => new("session:" + session, AddressKey.Of(context), IsKnown: true);

    public static LoginSource OfAddress(HttpContext context) => OfAddress(AddressKey.Of(context));

    /// <summary>The same, when the device is not the user's.</summary>
    public LoginSource WithoutDevice() => OfAddress(Address);

    private static LoginSource OfAddress(AddressKey address) => new("address:" + address, address, IsKnown: false);
}
