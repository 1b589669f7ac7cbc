namespace Session.Logins;

/// <summary>A device on which a user of the name was signed in before.</summary>
/// <param name="Id">Of the device.</param>
/// <param name="Owner">Whose device it was: <see cref="DeviceTokens.OwnerOf"/>.</param>
internal sealed record KnownDevice(string Id, string Owner);
